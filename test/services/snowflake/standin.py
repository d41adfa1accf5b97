"""A stand-in for Snowflake: the server of fakesnow, made to fail where the real one fails.

What it changes in fakesnow 0.12.1:
  results      JSON rowsets, which the Node driver reads, with the parameters that its converters need
  uploads      PUT keeps the stage on the local disk: the driver copies the file itself; REMOVE of a folder is understood
  CSV          every field is text, as in Snowflake, until the column's type reads it; $1, $2, ... in COPY; "" is no NULL
  keys         PRIMARY KEY and UNIQUE are declared and not enforced
  errors       of DuckDB have Snowflake's numbers; no error is an HTTP 500, which the driver would retry for minutes
  transactions a failed statement leaves the transaction open, and its other statements stand; DDL commits what is open;
               CURRENT_TRANSACTION() tells which it is
  locks        UPDATE, DELETE and MERGE lock their table until the transaction ends; who waits too long gets 000625, by its own LOCK_TIMEOUT
  rights       of sessions that log in with a role, see rights.py
  sessions     POST /standin/drop-sessions rolls back and forgets all of them; so does a logout its own
  answers      POST /standin/lose?database=D&match=COMMIT&when=after loses the answer to the next statement that holds the text;
               POST /standin/hold?database=D&match=… holds it up until POST /standin/release
What it cannot show: isolation of snapshots under load, time-outs of idle transactions, masking, real formats of COPY errors.
"""
from __future__ import annotations

import argparse
import asyncio
import base64
import datetime
import decimal
import gzip
import json
import re
import shutil
import string
import time
from functools import lru_cache

import duckdb
import parsed_once  # before the emulator, whose parsing it speeds up
import fakesnow.copy_into as fcopy
import fakesnow.cursor as fcur
import fakesnow.info_schema as finfo
import fakesnow.server as fs
import fakesnow.transforms as ftr
import fakesnow.transforms.stage as fstage
import pyarrow as pa
import rights
import snowflake.connector.errors as sferr
import uvicorn
from fakesnow.dialect import parse_one
from sqlglot import exp
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

options = argparse.ArgumentParser()
options.add_argument("--port", type=int, required=True)
options.add_argument("--host", default="127.0.0.1")
options.add_argument("--lock-timeout", type=float, default=20)
options.add_argument("--idle-rollback", type=float, default=0)
A = options.parse_args()

# -- tables ---------------------------------------------------------------------------------------------------------

_comment_on_table = ftr.extract_comment_on_table


def without_comment(e):
    """An absent comment must not be written to another database: DuckDB's transactions write to one only."""
    r = _comment_on_table(e)
    if (comment := r.args.get("table_comment")) and comment[1] is None:
        r.args.pop("table_comment")
    return r


ftr.extract_comment_on_table = without_comment


def with_quotes(statement):
    """Names with quotes in them are names."""

    def quoted(*names):
        return statement(*(n.replace("'", "''") if isinstance(n, str) else [(c.replace("'", "''"), size) for c, size in n] for n in names))

    return quoted


class Told(string.Template):
    def substitute(self, **names):
        return super().substitute(**{k: str(v).replace("'", "''") for k, v in names.items()})


for name in ("SQL_CREATED_TABLE", "SQL_DROPPED"):
    setattr(fcur, name, Told(getattr(fcur, name).template))
finfo.insert_table_comment_sql = with_quotes(finfo.insert_table_comment_sql)
finfo.insert_text_lengths_sql = with_quotes(finfo.insert_text_lengths_sql)


def without_keys(e):
    """Snowflake keeps such constraints for the eye, and enforces NOT NULL alone."""
    for node in list(e.find_all(exp.PrimaryKey, exp.UniqueColumnConstraint, exp.PrimaryKeyColumnConstraint, exp.ForeignKey)):
        column = node.find_ancestor(exp.ColumnDef)
        constraint = node.parent if isinstance(node.parent, (exp.ColumnConstraint, exp.Constraint)) else node
        if column or isinstance(constraint.parent, exp.Schema):
            constraint.pop()
    return e


# -- COPY -----------------------------------------------------------------------------------------------------------

_read_csv = fcopy.ReadCSV.read_expression
_inserts = fcopy._inserts


def strict_csv(self, url):
    e = _read_csv(self, url)
    for text in ("all_varchar=true", "allow_quoted_nulls=false", "strict_mode=true", "auto_detect=false", "max_line_size=16000000", "escape='\"'"):
        name, value = text.split("=")
        literal = exp.Boolean(this=value == "true") if value in ("true", "false") else exp.Literal(this=value.strip("'"), is_string=not value.isdigit())
        e.append("expressions", exp.EQ(this=exp.Literal(this=name, is_string=False), expression=literal))
    if width := getattr(self, "width", 0):
        columns = ", ".join(f"'column{i}': 'VARCHAR'" for i in range(width))
        e.append("expressions", exp.EQ(this=exp.Literal(this="columns", is_string=False), expression=exp.Var(this="{" + columns + "}")))
    return e


def inserts_by_position(expr, params, urls, parquet_info=None):
    if not isinstance(params.file_format, fcopy.ReadCSV):
        return _inserts(expr, params, urls, parquet_info)
    source = expr.args["files"][0]
    target = expr.this
    if isinstance(source, exp.Subquery):
        columns = [c.transform(lambda n: exp.to_identifier(f"column{int(n.this.name) - 1}") if isinstance(n, exp.Parameter) else n) for c in source.this.expressions]
    else:
        columns = [exp.Column(this=exp.Identifier(this=f"column{i}")) for i in range(len(target.expressions))]
    params.file_format.width = len(columns) if not isinstance(source, exp.Subquery) else max(
        [int(p.this.name) for p in source.this.find_all(exp.Parameter)] or [1])
    return [
        exp.Insert(this=target.copy(), expression=exp.Select(expressions=[c.copy() for c in columns]).from_(
            exp.Table(this=params.file_format.read_expression(url))), by_name=False)
        for url in urls
    ]


_source_urls = fcopy._source_urls


def files_by_name(source, files):
    """Also of an internal stage, whose place is no URL here."""
    return [f"{source.rstrip('/')}/{f}" for f in files] if fstage.is_internal(source) else _source_urls(source, files)


fcopy._source_urls = files_by_name
fcopy.ReadCSV.read_expression = strict_csv
fcopy._inserts = inserts_by_position

# -- statements and transactions ------------------------------------------------------------------------------------

_execute = fcur.FakeSnowflakeCursor.execute
DML = (exp.Insert, exp.Update, exp.Delete, exp.Merge, exp.Copy)
DDL = (exp.Create, exp.Drop, exp.Alter, exp.TruncateTable)
DONE = "SELECT 'Statement executed successfully.' AS \"status\""


def tree_of(sql):
    try:
        return parse_one(sql)
    except Exception:
        return None


kept_tree_of = lru_cache(512)(tree_of)


def parsed(sql):
    """To be read only: who changes a tree takes a copy."""
    return (kept_tree_of if len(sql) <= parsed_once.LONGEST else tree_of)(sql)


class Transaction:
    def __init__(self):
        self.id = str(time.time_ns())
        # DuckDB's snapshot begins with the first write, after its lock was granted: until then every statement sees what is committed.
        self.begun = False
        self.done: list[tuple[str, object]] = []


def rollback(conn):
    try:
        conn._duck_conn.rollback()
    except Exception:
        pass
    conn._standin_tx = None


def as_error(x):
    text = str(x).split("\n")[0]
    if isinstance(x, sferr.Error):
        if "Binder Error: Referenced column" in str(x):
            return sferr.ProgrammingError(msg=text, errno=904, sqlstate="42000")
        return x
    if isinstance(x, duckdb.TransactionException):
        return sferr.ProgrammingError(msg=text, errno=625 if "onflict" in text else 604, sqlstate="57014")
    if isinstance(x, duckdb.ConstraintException):
        return sferr.ProgrammingError(msg="NULL result in a non-nullable column", errno=100072, sqlstate="22000")
    if isinstance(x, duckdb.CatalogException):
        errno, state = (2002, "42710") if "already exists" in text else (2003, "42S02")
        return sferr.ProgrammingError(msg=text, errno=errno, sqlstate=state)
    if isinstance(x, duckdb.InvalidInputException) and "CSV" in text:
        wide = re.search(r"Expected Number of Columns|expected \d+ values|Too many columns|Number of columns", str(x), re.I)
        return sferr.ProgrammingError(msg=text, errno=100080 if wide else 100069, sqlstate="22000")
    if isinstance(x, (duckdb.ConversionException, duckdb.OutOfRangeException)):
        return sferr.ProgrammingError(msg=text, errno=100038, sqlstate="22018")
    if isinstance(x, duckdb.Error):
        return sferr.ProgrammingError(msg=text, errno=904 if isinstance(x, duckdb.BinderException) else 100038, sqlstate="42000")
    return sferr.ProgrammingError(msg=f"standin: {type(x).__name__}: {text}", errno=2, sqlstate="0A000")


def execute(self, command, params=None, *args, **kwargs):
    conn = self._conn
    if re.fullmatch(r"\s*(/\*.*?\*/\s*)*SELECT CURRENT_TRANSACTION\(\) AS (\S+)\s*;?\s*", command, re.I | re.S):
        alias = command.rstrip().rstrip(";").split()[-1]
        tx = getattr(conn, "_standin_tx", None)
        return _execute(self, f"SELECT {repr(tx.id) if tx else 'CAST(NULL AS VARCHAR)'} AS {alias}")
    if removed := re.fullmatch(r'\s*(?:/\*.*?\*/\s*)*REMOVE @"(\w+)"\."(\w+)"\."(\w+)"/(\S+)\s*', command, re.S):
        rights.need(rights.role_of(conn), "WRITE", "STAGE", *removed.groups()[:3])
        shutil.rmtree(fstage.internal_dir(".".join(removed.groups()[:3]), removed[4]))
        return _execute(self, DONE)
    tx = getattr(conn, "_standin_tx", None)
    if answer := rights.statement(conn, command):
        return _execute(self, answer)
    e = parsed(command)
    rights.check(conn, e, command)
    if isinstance(e, exp.Transaction):
        if not tx:
            conn._standin_tx = Transaction()
        return _execute(self, DONE)
    if isinstance(e, (exp.Commit, exp.Rollback)):
        conn._standin_tx = None
        return _execute(self, command) if tx and tx.begun else _execute(self, DONE)
    if isinstance(e, DDL) and tx:
        if tx.begun:
            conn._duck_conn.commit()
        conn._standin_tx = tx = None
    if isinstance(e, exp.Create):
        command = without_keys(e.copy()).sql(dialect="snowflake") if e.find(exp.PrimaryKey, exp.UniqueColumnConstraint, exp.PrimaryKeyColumnConstraint) else command
    writes = isinstance(e, DML)
    was = rights.before(conn, e)
    if tx and writes and not tx.begun:
        conn._duck_conn.begin()
        tx.begun = True
    try:
        result = _execute(self, command, params, *args, **kwargs)
        if tx and writes:
            tx.done.append((command, params, args, kwargs))
        rights.after(conn, e, was)
        return result
    except Exception as x:
        failure = as_error(x)
        if tx and tx.begun:
            stand_again(self, tx)
        raise failure from x


def stand_again(cursor, tx):
    """DuckDB gives up a transaction with a failed statement; Snowflake only the statement. Its locks are still held."""
    duck = cursor._conn._duck_conn
    try:
        duck.rollback()
    except Exception:
        pass
    duck.begin()
    for command, params, args, kwargs in tx.done:
        _execute(cursor, command, params, *args, **kwargs)


fcur.FakeSnowflakeCursor.execute = execute
fs.gcs_stage_info = lambda request, e, put: put["stageInfo"]

# -- results ----------------------------------------------------------------------------------------------------------

EPOCH = datetime.date(1970, 1, 1)
# What an account has by default: of a time it tells three digits, or none. Drivers write moments by these.
PARAMETERS = {
    "TIMEZONE": "America/Los_Angeles",
    "BINARY_OUTPUT_FORMAT": "HEX",
    "DATE_OUTPUT_FORMAT": "YYYY-MM-DD",
    "TIME_OUTPUT_FORMAT": "HH24:MI:SS",
    "TIMESTAMP_OUTPUT_FORMAT": "YYYY-MM-DD HH24:MI:SS.FF3 TZHTZM",
    "TIMESTAMP_NTZ_OUTPUT_FORMAT": "YYYY-MM-DD HH24:MI:SS.FF3",
    "TIMESTAMP_LTZ_OUTPUT_FORMAT": "",
    "TIMESTAMP_TZ_OUTPUT_FORMAT": "",
}


def parameters_of(conn):
    return getattr(conn, "_standin_parameters", PARAMETERS)


def as_json(value):
    def plain(o):
        if isinstance(o, decimal.Decimal):
            return int(o) if o == o.to_integral_value() else float(o)
        if isinstance(o, (bytes, bytearray)):
            return bytes(o).hex().upper()
        return str(o)

    return json.dumps(value, default=plain)


def seconds(total):
    whole, fraction = divmod(abs(total), 10**9)
    return f"{'-' if total < 0 else ''}{whole}.{fraction:09d}"


def cell(v, kind):
    if v is None:
        return None
    if kind.startswith("TIMESTAMP"):
        if v.get("epoch") is None:
            return None
        text = seconds(v["epoch"] * 10**9 + v["fraction"])
        return text + (f" {v['timezone']}" if kind == "TIMESTAMP_TZ" else "")
    if kind == "BOOLEAN" or isinstance(v, bool):
        return "1" if v else "0"
    if kind == "TIME":
        return seconds(int(v))
    if kind == "DATE":
        return str((v - EPOCH).days)
    if kind == "BINARY":
        return bytes(v).hex().upper()
    if isinstance(v, (list, dict)) or (kind in ("VARIANT", "OBJECT", "ARRAY", "MAP") and not isinstance(v, str)):
        return as_json(v)
    if isinstance(v, float):
        return {"inf": "Infinity", "-inf": "-Infinity", "nan": "NaN"}.get(repr(v), repr(v))
    if isinstance(v, decimal.Decimal):
        return format(v, "f")
    return str(v)


def to_json_rows(data):
    if data.get("queryResultFormat") == "arrow":
        raw = base64.b64decode(data.pop("rowsetBase64") or "")
        rows = []
        if raw:
            table = pa.ipc.open_stream(raw).read_all()
            columns = [
                [cell(v, f.metadata[b"logicalType"].decode()) for v in c.to_pylist()]
                for f, c in zip(table.schema, table.columns)
            ]
            rows = [list(x) for x in zip(*columns)]
        data["queryResultFormat"] = "json"
        data["rowset"] = rows
        data["returned"] = data["total"] = len(rows)
    elif "rowset" in data:
        data["returned"] = len(data["rowset"])


# -- locks, sessions, requests ----------------------------------------------------------------------------------------

table_locks: dict[str, str] = {}
session_locks: dict[str, asyncio.Lock] = {}
seen: dict[str, float] = {}
answered: dict[str, dict] = {}
losing: list[tuple[str, str, str]] = []
busy: set[str] = set()
ddl_lock = asyncio.Lock()
holding: list[dict] = []
_query = fs.query_request


def release(token):
    for key in [k for k, holder in table_locks.items() if holder == token]:
        table_locks.pop(key)


async def acquire(token, conn, sql):
    e = parsed(sql)
    if not isinstance(e, (exp.Update, exp.Delete, exp.Merge)):
        return
    t = e.this if isinstance(e.this, exp.Table) else e.find(exp.Table)
    if not t:
        return
    key = ".".join(str(x or y).upper() for x, y in ((t.catalog, conn.database), (t.db, conn.schema), (t.name, "")))
    end = time.time() + min(A.lock_timeout, getattr(conn, "_standin_patience", A.lock_timeout))
    while table_locks.get(key, token) != token:
        if time.time() > end:
            raise TimeoutError(key)
        await asyncio.sleep(0.01)
    table_locks[key] = token


def failed(code, message, state="57014"):
    return JSONResponse({"success": False, "code": code, "message": message, "data": {"errorCode": code, "sqlState": state}})


async def text_of(request):
    body = await request.body()
    if request.headers.get("Content-Encoding") == "gzip":
        body = gzip.decompress(body)
    return json.loads(body).get("sqlText", "")


def lost(sql, when, database):
    for entry in losing:
        if entry == (entry[0], when, database) and entry[0] in sql:
            losing.remove(entry)
            return True
    return False


async def held(sql, when, database):
    """Waits while a statement that holds the text is held, which whoever asks for holds is told."""
    for entry in holding:
        if entry["database"] == database and entry["when"] == when and entry["match"] in sql and not entry["reached"]:
            entry["reached"] = True
            while not entry["released"]:
                await asyncio.sleep(0.02)


async def hold(request):
    p = request.query_params
    holding.append({"match": p["match"], "when": p.get("when", "before"), "database": p["database"], "reached": False, "released": False})
    return JSONResponse({"ok": True})


async def release_holds(request):
    for entry in [h for h in holding if h["database"] == request.query_params["database"]]:
        entry["released"] = True
        holding.remove(entry)
    return JSONResponse({"ok": True})


async def query(request):
    try:
        token = fs.to_token(request)
    except fs.ServerError:
        token = ""
    request_id = request.query_params.get("requestId")
    async with session_locks.setdefault(token, asyncio.Lock()):
        if request_id and request_id in answered:
            return JSONResponse(answered[request_id])
        seen[token] = time.time()
        conn = fs.sessions.get(token)
        sql = await text_of(request)
        database = conn.database if conn else None
        busy.add(token)
        if lost(sql, "before", database):
            drop(token)
            return JSONResponse({"data": None, "code": "390104", "message": "User must login again", "success": False}, status_code=401)
        await held(sql, "before", database)
        if conn and "ALTER SESSION SET " in sql:
            if patience := re.search(r"LOCK_TIMEOUT = (\d+)", sql):
                conn._standin_patience = int(patience[1])
            said = {name: text for name, text in re.findall(r"(\w+) = '([^']*)'", sql) if name in PARAMETERS}
            conn._standin_parameters = {**parameters_of(conn), **said}
        if conn:
            try:
                await acquire(token, conn, sql)
            except TimeoutError as x:
                busy.discard(token)
                seen[token] = time.time()
                return failed("000625", f"Statement has waited for the lock on table '{x}' too long")
        if isinstance(parsed(sql), DDL):
            async with ddl_lock:
                response = await _query(request)
        else:
            response = await _query(request)
        seen[token] = time.time()
        await held(sql, "after", database)
        busy.discard(token)
        if conn and not getattr(conn, "_standin_tx", None):
            release(token)
    document = json.loads(response.body)
    if lost(sql, "after", database):
        drop(token)
        return JSONResponse({"data": None, "code": "390104", "message": "User must login again", "success": False}, status_code=401)
    data = document.get("data") or {}
    if response.status_code == 500:
        return failed("000002", str(document.get("message")), "0A000")
    if "rowtype" in data:
        data["parameters"] = [{"name": k, "value": v} for k, v in parameters_of(conn).items()]
    to_json_rows(data)
    if request_id:
        answered[request_id] = document
        while len(answered) > 500:
            answered.pop(next(iter(answered)))
    return JSONResponse(document, status_code=response.status_code)


def drop(token):
    conn = fs.sessions.pop(token, None)
    session_locks.pop(token, None)
    seen.pop(token, None)
    busy.discard(token)
    if conn:
        rollback(conn)
    release(token)


async def login(request):
    body = await request.body()
    if request.headers.get("Content-Encoding") == "gzip":
        body = gzip.decompress(body)
    asked = {k: (v := request.query_params.get(k)) and fs.normalise_ident(v) for k in ("roleName", "warehouse")}
    user = (json.loads(body)["data"].get("LOGIN_NAME") or "").upper()
    if refusal := rights.login(user, asked["roleName"], asked["warehouse"]):
        return failed("390189", refusal, "08001")
    response = await fs.login_request(request)
    conn = fs.sessions[json.loads(response.body)["data"]["token"]]
    conn._standin_role = asked["roleName"] or rights.ADMIN
    conn._standin_warehouse = asked["warehouse"]
    return response


async def session(request):
    if request.query_params.get("delete"):
        try:
            drop(fs.to_token(request))
        except fs.ServerError:
            pass
        return JSONResponse({"data": None, "code": None, "message": None, "success": True})
    return await fs.session(request)


async def drop_all(_):
    tokens = list(fs.sessions)
    for token in tokens:
        drop(token)
    return JSONResponse({"dropped": len(tokens)})


async def lose(request):
    losing.append((request.query_params["match"], request.query_params.get("when", "after"), request.query_params["database"]))
    return JSONResponse({"ok": True})


async def health(_):
    return JSONResponse({"ok": True, "sessions": len(fs.sessions), "locks": table_locks, "held": [h["match"] for h in holding if h["reached"]]})


async def reap():
    while True:
        await asyncio.sleep(min(1, A.idle_rollback / 2))
        for token, conn in list(fs.sessions.items()):
            if token not in busy and getattr(conn, "_standin_tx", None) and time.time() - seen.get(token, time.time()) > A.idle_rollback:
                rollback(conn)
                release(token)


fs.shared_fs.nop_regexes = [
    r"\s*(/\*.*?\*/\s*)*ALTER\s+SESSION\s+(UN)?SET\s+\w+",
    r"\s*(/\*.*?\*/\s*)*USE\s+(WAREHOUSE|ROLE|SECONDARY)\b",
]
replaced = {"/session/v1/login-request": login, "/queries/v1/query-request": query, "/session": session}
fs.app.router.routes[:] = [
    Route(r.path, replaced.get(r.path, r.endpoint), methods=r.methods) for r in fs.app.router.routes
] + [
    Route("/standin/drop-sessions", drop_all, methods=["POST"]),
    Route("/standin/lose", lose, methods=["POST"]),
    Route("/standin/hold", hold, methods=["POST"]),
    Route("/standin/release", release_holds, methods=["POST"]),
    Route("/standin/health", health),
]


async def main():
    if A.idle_rollback:
        asyncio.create_task(reap())
    await uvicorn.Server(uvicorn.Config(fs.app, host=A.host, port=A.port, log_level="warning")).serve()


asyncio.run(main())
