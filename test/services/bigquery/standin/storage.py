"""The one part of Cloud Storage that a load without a store of its own needs: an object is put where there is none."""

import json
import os
from pathlib import Path
from urllib.parse import parse_qs, unquote

root = Path('.')


async def put(scope, body, send):
    if body is None:
        return
    given = {name: values[0] for name, values in parse_qs(scope['query_string'].decode()).items()}
    bucket = unquote(scope['path'].split('/b/', 1)[1].split('/', 1)[0])
    target = root / bucket / given['name']
    status, out = 200, {'bucket': bucket, 'name': given['name']}
    if not (root / bucket).is_dir():
        status, out = 404, {'error': {'code': 404, 'message': 'The specified bucket does not exist.'}}
    elif given.get('ifGenerationMatch') == '0' and target.exists():
        status, out = 412, {'error': {'code': 412, 'message': 'At least one of the pre-conditions you specified did not hold.'}}
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = target.with_name(f'.{target.name}.{os.getpid()}.draft')
        draft.write_bytes(body)
        draft.rename(target)
    text = json.dumps(out).encode()
    await send({'type': 'http.response.start', 'status': status, 'headers': [(b'content-type', b'application/json')]})
    await send({'type': 'http.response.body', 'body': text})
