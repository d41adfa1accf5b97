"""Load jobs as BigQuery runs them: wholly or not at all, by the job's own options, and with its words when a file does not fit."""

import glob
import gzip
import json
import os
import re

import pyarrow.parquet

from bqemulator.api.routes import jobs as jobs_routes
from bqemulator.api.routes import upload as upload_routes
from bqemulator.jobs import executor

from . import scripts


class LoadFailed(Exception):
    """What the job's errorResult says."""

    def __init__(self, reason: str, message: str, location: str | None = None):
        super().__init__(message)
        self.reason, self.location = reason, location


_quote = lambda text: "'" + text.replace("'", "''") + "'"  # noqa: E731
_ident = lambda name: '"' + name.replace('"', '""') + '"'  # noqa: E731


def _columns(cursor, job):
    rows = cursor.execute(f'DESCRIBE {job.target_ref}').fetchall()
    return [(row[0], row[1]) for row in rows]


def _struct(columns):
    return '{' + ', '.join(f'{_quote(name)}: {_quote(kind)}' for name, kind in columns) + '}'


def _packing(path):
    with open(path, 'rb') as file:
        return 'gzip' if file.read(2) == b'\x1f\x8b' else 'none'


def _bytes_as_text(columns):
    return [(name, 'VARCHAR' if kind == 'BLOB' else kind) for name, kind in columns]


def _selected(columns):
    return ', '.join(f'from_base64({_ident(n)})' if kind == 'BLOB' else _ident(n) for n, kind in columns)


def _load_csv(cursor, path, uri, job, columns):
    given = job.raw_config
    order = [field['name'] for field in (given.get('schema') or {}).get('fields') or []]
    if order:
        columns = [(name, dict(columns)[name]) for name in order]
    quote = given.get('quote', '"')
    jagged = str(given.get('allowJaggedRows', False)).lower()
    # Quoted emptiness is text, and NULL in a column of any other type; a lenient reader would take the quoted marker for NULL.
    source = (
        f"read_csv({_quote(path)}, auto_detect=false, columns={_struct(_bytes_as_text(columns))}, header=false, "
        f"skip={int(given.get('skipLeadingRows') or 0)}, delim={_quote(given.get('fieldDelimiter') or ',')}, "
        f"quote={_quote(quote)}, escape={_quote(quote)}, nullstr={_quote(given.get('nullMarker') or '')}, "
        f"allow_quoted_nulls=false, strict_mode=true, null_padding={jagged}, compression='{_packing(path)}', "
        f"max_line_size=104857600, buffer_size=209715200, parallel=false)"
    )
    names = ', '.join(_ident(n) for n, _ in columns)
    try:
        cursor.execute(f'INSERT INTO {job.target_ref} ({names}) SELECT {_selected(columns)} FROM {source}')
    except Exception as error:
        raise _csv_error(error, uri, columns) from error


def _csv_error(error, uri, columns):
    said = str(error)
    line = (re.search(r'CSV Error on Line: (\d+)', said) or [0, '1'])[1]
    head = 'Error while reading data, error message: '
    if re.search(r'Expected Number of Columns: \d+ Found: \d+', said):
        found = re.search(r'Expected Number of Columns: (\d+) Found: (\d+)', said)
        many = 'Too many' if int(found[2]) > int(found[1]) else 'Too few'
        return LoadFailed('invalid', f'{head}{many} values in line. Found {found[2]} column(s) while expected {found[1]}.; line_number: {line} byte_offset_to_start_of_line: 0 File: {uri}', uri)
    if 'quote' in said.lower() and 'unterminated' in said.lower():
        return LoadFailed('invalid', f'{head}Error detected while parsing row starting at position: 0. Error: Missing close quote character ("). File: {uri}', uri)
    column = re.search(r'Error when converting column "([^"]+)"', said) or re.search(r'column ([\w.]+)', said)
    name = column[1] if column else columns[0][0]
    index = next((i for i, (n, _) in enumerate(columns) if n == name), 0)
    if 'unicode' in said.lower() or 'utf-8' in said.lower():
        return LoadFailed('invalid', f'{head}Bad character (ASCII 0) encountered: field starts with: <redacted>; line_number: {line} File: {uri}', uri)
    return LoadFailed('invalid', f"{head}Could not parse '<redacted>' as {columns[index][1]} for field {name} (position {index}) starting at location 0 with message 'Unable to parse'; line_number: {line} column_index: {index} File: {uri}", uri)


def _load_json(cursor, path, uri, job, columns):
    known = {name for name, _ in columns}
    opened = gzip.open if _packing(path) == 'gzip' else open
    size = 0
    with opened(path, 'rb') as lines:
        for number, line in enumerate(lines, 1):
            size = max(size, len(line))
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except Exception as error:
                raise LoadFailed('invalid', f'Error while reading data, error message: JSON parsing error in row starting at position {number}: Parser terminated before end of string File: {uri}', uri) from error
            if not isinstance(row, dict):
                raise LoadFailed('invalid', f'Error while reading data, error message: JSON parsing error in row starting at position {number}: Start of array encountered without start of object. File: {uri}', uri)
            for field, value in row.items():
                kind = dict(columns).get(field)
                if kind is None and not job.raw_config.get('ignoreUnknownValues'):
                    raise LoadFailed('invalid', f'Error while reading data, error message: JSON parsing error in row starting at position {number}: No such field: {field}. File: {uri}', uri)
                if kind == 'VARCHAR' and not isinstance(value, (str, type(None))):
                    raise LoadFailed('invalid', f'Error while reading data, error message: JSON parsing error in row starting at position {number}: Could not convert value to string. Field: {field}; Value: <redacted> File: {uri}', uri)
    if not known or size == 0:
        return
    source = (
        f"read_json({_quote(path)}, format='newline_delimited', columns={_struct(_bytes_as_text(columns))}, "
        f"compression='{_packing(path)}', maximum_object_size={max(size + 1024, 16777216)})"
    )
    names = ', '.join(_ident(n) for n, _ in columns)
    try:
        cursor.execute(f'INSERT INTO {job.target_ref} ({names}) SELECT {_selected(columns)} FROM {source}')
    except Exception as error:
        raise LoadFailed('invalid', f'Error while reading data, error message: JSON parsing error in row starting at position 0: Could not convert value. File: {uri}', uri) from error


def _load_parquet(cursor, path, uri, job, columns):
    try:
        pyarrow.parquet.read_schema(path)
    except Exception as error:
        raise LoadFailed('invalid', f'Error while reading data, error message: Input file is not in Parquet format. File: {uri}', uri) from error
    kinds = dict(columns)
    found = cursor.execute('DESCRIBE SELECT * FROM read_parquet(?, hive_partitioning=false)', [path]).fetchall()
    for name, kind in ((row[0], row[1]) for row in found):
        if name not in kinds:
            raise LoadFailed('invalid', f'Provided Schema does not match Table. Cannot add fields (field: {name})', uri)
        if not _fits(kind, kinds[name]):
            raise LoadFailed('invalid', f"Error while reading data, error message: Parquet column '{name}' has type {kind} which does not match the target cpp_type {kinds[name]}. File: {uri}", uri)
    names = ', '.join(_ident(row[0]) for row in found)
    cursor.execute(f'INSERT INTO {job.target_ref} ({names}) SELECT {names} FROM read_parquet({_quote(path)}, hive_partitioning=false)')


def _fits(kind, target):
    integers = {'TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'UINTEGER', 'USMALLINT', 'UTINYINT'}
    if kind in integers:
        return target == 'BIGINT'
    if kind.startswith('DECIMAL'):
        return target.startswith('DECIMAL')
    if kind in ('FLOAT', 'DOUBLE'):
        return target == 'DOUBLE'
    return kind == target or (kind.startswith('TIMESTAMP') and target.startswith('TIMESTAMP'))


_LOADERS = {'CSV': _load_csv, 'NEWLINE_DELIMITED_JSON': _load_json, 'PARQUET': _load_parquet}


def _paths(job, ctx):
    found = []
    for uri in job.source_uris:
        pattern = executor._resolve_uri(uri, ctx)
        matched = sorted(glob.glob(pattern)) if '*' in uri else [pattern]
        if not matched or not all(os.path.isfile(path) for path in matched):
            raise LoadFailed('notFound', f'Not found: URI {uri}')
        found += [(path, uri) for path in matched]
    return found


def _load(job, ctx):
    base = scripts._connection(ctx.engine)
    cursor = base.cursor()
    cursor.execute("SET TimeZone = 'UTC'")
    cursor.execute('BEGIN TRANSACTION')
    try:
        if job.write_disposition == 'WRITE_TRUNCATE':
            cursor.execute(f'DELETE FROM {job.target_ref}')
        columns = _columns(cursor, job)
        before = cursor.execute(f'SELECT count(*) FROM {job.target_ref}').fetchone()[0]
        loader = _LOADERS.get(job.source_format)
        if loader is None:
            raise LoadFailed('invalid', f'Unsupported source format {job.source_format}')
        for path, uri in _paths(job, ctx):
            loader(cursor, path, uri, job, columns)
        after = cursor.execute(f'SELECT count(*) FROM {job.target_ref}').fetchone()[0]
        cursor.execute('COMMIT')
        return after - before, after
    except Exception:
        try:
            cursor.execute('ROLLBACK')
        except Exception:
            pass
        raise
    finally:
        cursor.close()


async def execute_load_job(project_id, job_id, config, ctx):
    now = ctx.clock.now()
    job = executor._parse_load_job_config(project_id, config)
    if ctx.catalog.get_dataset(job.project_id, job.dataset_id) is None:
        raise LoadFailed('notFound', f'Not found: Dataset {job.project_id}:{job.dataset_id}')
    if ctx.catalog.get_table(job.project_id, job.dataset_id, job.table_id) is None:
        if job.create_disposition == 'CREATE_NEVER':
            raise LoadFailed('notFound', f'Not found: Table {job.project_id}:{job.dataset_id}.{job.table_id}')
        executor._maybe_create_load_destination(
            dest_project=job.project_id, dest_dataset=job.dataset_id, dest_table_id=job.table_id,
            load_config=job.raw_config, now=now, ctx=ctx,
        )
    rows, total = _load(job, ctx)
    if job.write_disposition == 'WRITE_TRUNCATE':
        scripts.note_change([f'{job.project_id}:{job.dataset_id}.{job.table_id}'])
    meta = ctx.catalog.get_table(job.project_id, job.dataset_id, job.table_id)
    if meta is not None:
        ctx.catalog.update_table(meta.model_copy(update={'num_rows': total}))
    return executor.JobMeta(
        project_id=project_id, job_id=job_id, job_type='LOAD', state='DONE', configuration=config,
        statistics={'load': {'outputRows': str(rows), 'inputFiles': str(len(job.source_uris))}},
        creation_time=now, start_time=now, end_time=ctx.clock.now(),
        etag=executor.generate_etag(project_id, job_id, str(now)),
    )


def failed(project_id, job_id, config, error, ctx):
    if isinstance(error, LoadFailed):
        result = {'reason': error.reason, 'message': str(error), **({'location': error.location} if error.location else {})}
    else:
        result = {'reason': 'invalid', 'message': f'Error while reading data, error message: {error}'}
    return jobs_routes._failed_job_meta(project_id, job_id, 'LOAD', config, result, ctx.clock.now())


async def load_or_failed(project_id, job_id, config, ctx):
    try:
        return await execute_load_job(project_id, job_id, config, ctx)
    except Exception as error:  # noqa: BLE001
        return failed(project_id, job_id, config, error, ctx)


jobs_routes._handle_load_job_with_async_envelope = load_or_failed
upload_routes.execute_load_job = load_or_failed
