"""S3 by moto, stricter: signatures and hashes are checked as S3 does, and writes happen one after the other.

moto takes any credentials, and looks at a condition and writes in two steps, between which another request may come.
"""

import base64
import hashlib
import hmac
import io
import sys
import threading
from urllib.parse import urlsplit

from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

ACCESS_KEY, SECRET_KEY = sys.argv[2], sys.argv[3]
LATEST_BODY = 64 * 1024 * 1024


def sign(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def signature_of(environ, scope, signed, payload_hash):
    url = urlsplit(environ["RAW_URI"])
    pairs = sorted(p if "=" in p else p + "=" for p in url.query.split("&") if p)
    headers = "".join(f"{name}:{' '.join(header(environ, name).split())}\n" for name in signed.split(";"))
    canonical = "\n".join([environ["REQUEST_METHOD"], url.path, "&".join(pairs), headers, signed, payload_hash])
    day, region, service, end = scope.split("/")
    key = f"AWS4{SECRET_KEY}".encode()
    for part in (day, region, service, end):
        key = sign(key, part)
    hashed = hashlib.sha256(canonical.encode()).hexdigest()
    return sign(key, "\n".join(["AWS4-HMAC-SHA256", header(environ, "x-amz-date"), scope, hashed])).hex()


def header(environ, name):
    plain = name.upper().replace("-", "_")
    return environ.get(plain if plain in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{plain}", "")


def refusal(environ, body):
    given = header(environ, "authorization")
    if not given.startswith("AWS4-HMAC-SHA256 "):
        return 403, "AccessDenied"
    fields = dict(part.strip().split("=", 1) for part in given.split(" ", 1)[1].split(","))
    access_key, scope = fields["Credential"].split("/", 1)
    if access_key != ACCESS_KEY:
        return 403, "InvalidAccessKeyId"
    payload_hash = header(environ, "x-amz-content-sha256")
    if signature_of(environ, scope, fields["SignedHeaders"], payload_hash) != fields["Signature"]:
        return 403, "SignatureDoesNotMatch"
    digest = hashlib.sha256(body)
    if len(payload_hash) == 64 and payload_hash != digest.hexdigest():
        return 400, "XAmzContentSHA256Mismatch"
    checksum = header(environ, "x-amz-checksum-sha256")
    if checksum and "-" not in checksum and body and environ["REQUEST_METHOD"] == "PUT":
        if base64.b64encode(digest.digest()).decode() != checksum:
            return 400, "BadDigest"
    return None


class Strict:
    def __init__(self, app):
        self.app = app
        self.lock = threading.Lock()

    def __call__(self, environ, start_response):
        length = int(environ.get("CONTENT_LENGTH") or 0)
        body = environ["wsgi.input"].read(min(length, LATEST_BODY))
        if len(body) != length:
            return self.refuse(start_response, environ, 400, "IncompleteBody")
        refused = refusal(environ, body)
        if refused:
            return self.refuse(start_response, environ, *refused)
        environ["wsgi.input"] = io.BytesIO(body)
        if environ["REQUEST_METHOD"] in ("GET", "HEAD"):
            return self.app(environ, start_response)
        with self.lock:
            return [b"".join(self.app(environ, start_response))]

    def refuse(self, start_response, environ, status, code):
        text = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>refused</Message></Error>".encode()
        start_response(f"{status} Refused", [("Content-Type", "application/xml"), ("Content-Length", str(len(text)))])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [text]


class KeepAlive(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_request(self, *_):
        pass


app = Strict(DomainDispatcherApplication(create_backend_app))
make_server("127.0.0.1", int(sys.argv[1]), app, threaded=True, request_handler=KeepAlive).serve_forever()
