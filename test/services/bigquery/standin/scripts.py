"""Scripts as BigQuery runs them: named parameters over the whole script, @@row_count, and transactions that see a snapshot and of
which the first to commit wins. The emulator as it comes has one connection, undoes by copies of tables, and has no isolation."""

import asyncio
import contextvars
import os
import re
import uuid

import sqlglot
from sqlglot import exp

from bqemulator.api.routes import jobs as jobs_routes
from bqemulator.domain.errors import InvalidQueryError
from bqemulator.jobs import executor
from bqemulator.scripting import interpreter as scripting
from bqemulator.scripting.interpreter import ScriptRaise
from bqemulator.sql import parameters
from bqemulator.storage.engine import DuckDBEngine

from . import estimates

PAUSE_S = float(os.environ.get('STANDIN_PAUSE_MS', '4')) / 1000

session = contextvars.ContextVar('session', default=None)
query_parameters = contextvars.ContextVar('query_parameters', default=None)
clock = 0  # commits that changed or deleted rows, ever
changed_at: dict[str, int] = {}  # table -> the clock when its rows were last changed or deleted

_QUOTED = re.compile(
    r"""('''.*?'''|\"\"\".*?\"\"\"|'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|`(?:\\.|[^`\\])*`|--[^\n]*|/\*.*?\*/)""", re.S
)


def outside_quotes(text: str, pattern: re.Pattern, replace) -> str:
    pieces = _QUOTED.split(text)
    return ''.join(piece if i % 2 else pattern.sub(replace, piece) for i, piece in enumerate(pieces))


def parsed(sql: str):
    try:
        return sqlglot.parse_one(sql, read='bigquery')
    except Exception:
        return None


def targets_changed(tree, project: str) -> list[str]:
    """Tables whose rows a statement changes or deletes. Inserts conflict with nothing."""
    if not isinstance(tree, (exp.Update, exp.Delete, exp.Merge, exp.TruncateTable)):
        return []
    found = tree.expressions if isinstance(tree, exp.TruncateTable) else [tree.this]
    return [f'{t.catalog or project}:{t.db}.{t.name}' for t in found if isinstance(t, exp.Table)]


def note_change(tables) -> None:
    global clock
    if not tables:
        return
    clock += 1
    for table in tables:
        changed_at[table] = clock


def aborted(table: str) -> InvalidQueryError:
    return InvalidQueryError(
        f'Query error: Transaction is aborted due to concurrent update against table {table}. '
        f'Transaction ID: {uuid.uuid4()} at [1:1]'
    )


def is_conflict(error: Exception) -> bool:
    return bool(re.search(r'TransactionContext Error|Conflict on (tuple|update)|write-write conflict', str(error)))


_connection = DuckDBEngine.connection.fget


def connection(self):
    return session.get() or _connection(self)


DuckDBEngine.connection = property(connection)

_start, _execute = DuckDBEngine.start, DuckDBEngine.execute


async def start(self):
    await _start(self)
    # DuckDB has no milliseconds of a time with a zone.
    _connection(self).execute(
        "CREATE MACRO standin_format(f, t, z) AS strftime(timezone(z, t), f)"
    )


def execute(self, sql, parameters=None):
    if '%E3S' in sql:
        sql = sql.replace('BQEMU_FORMAT_TIMESTAMP_ISO(', 'standin_format(').replace('%E3S', '%S.%g')
    try:
        # NUMERIC without digits has 38 of them, 9 behind the point.
        return _execute(self, re.sub(r'\bAS DECIMAL\)', 'AS DECIMAL(38, 9))', sql), parameters)
    except Exception as error:
        missing = re.search(r'NOT NULL constraint failed: \S*?([^.\s]+)$', str(error))
        if not missing:
            raise
        raise InvalidQueryError(f'Query error: Required field {missing[1]} cannot be null at [1:1]') from error


DuckDBEngine.start, DuckDBEngine.execute = start, execute


class Interpreter(scripting.ScriptInterpreter):
    _row_count = 0
    _began = 0
    _changed: set = set()

    async def run(self, source):
        given = query_parameters.get() or []
        for parameter in given:
            name = parameter.get('name')
            if not name:
                raise InvalidQueryError('Positional parameters are not supported by the stand-in in scripts')
            kind = parameter.get('parameterType', {}).get('type', 'STRING')
            self._frames.declare(f'__param_{name}', kind, parameters._extract_value(parameter))
        names = {p['name'] for p in given}

        def parameter_of(match):
            if match[1] not in names:
                raise InvalidQueryError(f"Query parameter '{match[1]}' not found")
            return f'__param_{match[1]}'

        source = outside_quotes(source, re.compile(r'(?<!@)@([A-Za-z_]\w*)'), parameter_of)
        try:
            return await super().run(source)
        except ScriptRaise as raised:
            raise InvalidQueryError(f'Query error: {raised.error.message} at [1:1]') from raised
        finally:
            # A script that ends, however, with an open transaction has not committed it.
            self._roll_back()

    async def _handle_txn_statement(self, op):
        if op == 'BEGIN':
            if self._active_txn is not None:
                raise InvalidQueryError('Transaction already in progress')
            self._begin()
        elif self._active_txn is None:
            raise InvalidQueryError(f'{op} TRANSACTION outside of a transaction')
        elif op == 'COMMIT':
            self._commit()
        else:
            self._roll_back()

    def _begin(self):
        cursor = _connection(self._ctx.engine).cursor()
        cursor.execute("SET TimeZone = 'UTC'")
        cursor.execute('BEGIN TRANSACTION')
        cursor.execute('SELECT count(*) FROM duckdb_tables()').fetchall()
        self._active_txn, self._began, self._changed = {}, clock, set()
        session.set(cursor)

    def _commit(self):
        self._refuse_conflict(self._changed)
        cursor = session.get()
        try:
            cursor.execute('COMMIT')
        except Exception as error:
            raise self._as_conflict(error) from error
        note_change(self._changed)
        self._close()

    def _close(self):
        session.get().close()
        session.set(None)
        self._active_txn = None

    def _roll_back(self):
        if self._active_txn is None:
            return
        try:
            session.get().execute('ROLLBACK')
        except Exception:
            pass
        self._close()

    async def _drop_txn_snapshots(self):
        self._roll_back()

    async def _restore_txn_snapshots(self):
        self._roll_back()

    def _refuse_conflict(self, tables):
        for table in tables:
            if changed_at.get(table, 0) > self._began:
                raise aborted(table)

    def _as_conflict(self, error):
        return aborted(next(iter(self._changed), 'unknown')) if is_conflict(error) else error

    async def _snapshot_dml_targets(self, sql):
        tree = parsed(sql)
        if isinstance(tree, (exp.Create, exp.Drop, exp.Alter)) and not tree.find(exp.TemporaryProperty):
            raise InvalidQueryError('DDL statements on permanent tables are not allowed in a transaction')
        tables = targets_changed(tree, self._project_id)
        self._changed.update(tables)
        self._refuse_conflict(tables)

    async def _run_query(self, bq_sql):
        if self._active_txn is not None:
            # Other scripts run meanwhile.
            await asyncio.sleep(PAUSE_S)
        bq_sql = outside_quotes(bq_sql, re.compile(r'@@row_count', re.I), str(self._row_count))
        tree = parsed(bq_sql)
        estimates.refuse_dear(self._ctx, self._project_id, bq_sql)
        try:
            table = await super()._run_query(bq_sql)
        except Exception as error:
            raise self._as_conflict(error) from error
        if isinstance(tree, (exp.Insert, exp.Update, exp.Delete, exp.Merge)):
            self._row_count = executor._extract_dml_affected_rows(table)
            if self._active_txn is None:
                note_change(targets_changed(tree, self._project_id))
        return table


scripting.ScriptInterpreter = executor.ScriptInterpreter = Interpreter

_placeholder = scripting._build_scalar_placeholder


def build_placeholder(value, type_name, params):
    placeholder = _placeholder(value, 'ANY' if type_name == 'ARRAY' else type_name, params)
    if type_name != 'ARRAY':
        return placeholder
    # An empty list has no type of its own.
    return exp.Cast(this=placeholder, to=exp.DataType.build('ARRAY<STRING>', dialect='bigquery'))


scripting._build_scalar_placeholder = build_placeholder

_body = executor._run_query_body


async def run_query_body(*, query_params, **rest):
    query_parameters.set(query_params)
    return await _body(query_params=query_params, **rest)


executor._run_query_body = run_query_body

_single = executor._run_single_sql


async def run_single_sql(project_id, bq_sql, query_params, ctx, *, caller):
    estimates.refuse_dear(ctx, project_id, bq_sql)
    # A statement that conflicts with a transaction waits for it.
    for attempt in range(2000):
        try:
            table = await _single(project_id, bq_sql, query_params, ctx, caller=caller)
            break
        except Exception as error:
            if not is_conflict(error) or attempt == 1999:
                raise
            await asyncio.sleep(0.005)
    note_change(targets_changed(parsed(bq_sql), project_id))
    return table


executor._run_single_sql = run_single_sql

_KEY = re.compile(r',?\s*\b(PRIMARY|FOREIGN)\s+KEY\s*\([^)]*\)(\s*REFERENCES\s+[^\s(]+\s*\([^)]*\))?(\s+NOT\s+ENFORCED)?', re.I)


def without_keys(match):
    if not match[3]:
        raise InvalidQueryError(f'{match[1].upper()} KEY constraints that are enforced are not supported')
    return ''


_query_job = executor.execute_query_job


async def execute_query_job(project_id, job_id, bq_sql, query_params, ctx, **rest):
    # Keys are words to BigQuery: it enforces none.
    if re.match(r'\s*CREATE\s+(OR\s+REPLACE\s+)?TABLE\b', bq_sql, re.I):
        bq_sql = _KEY.sub(without_keys, bq_sql)
    return await _query_job(project_id, job_id, bq_sql, query_params, ctx, **rest)


executor.execute_query_job = jobs_routes.execute_query_job = execute_query_job
