"""What a query would read, which BigQuery says before it runs, and by which it refuses what would be billed for too much: the columns
that a statement names, of all rows, whatever it looks for; of a table whose rows it changes all columns. Of a script it says nothing."""

import contextvars

import sqlglot
from sqlglot import exp

from bqemulator.domain.errors import InvalidQueryError, NotFoundError
from bqemulator.storage import sql_identifiers

LEAST_BILLED = 10485760

limit = contextvars.ContextVar('limit', default=None)  # maximumBytesBilled of the job that runs

_WIDTHS = {'BOOLEAN': 1, 'HUGEINT': 16, 'DECIMAL': 16}


class BytesBilledLimitExceeded(InvalidQueryError):
    bq_reason = 'bytesBilledLimitExceeded'


def bytes_of(context, project, text):
    """Of a text that is one statement; 0 for a script."""
    try:
        trees = [tree for tree in sqlglot.parse(text, read='bigquery') if tree is not None]
    except Exception:
        return 0
    if len(trees) != 1 or not isinstance(trees[0], (exp.Query, exp.DML, exp.Create)):
        return 0
    tree = trees[0]
    changed = tree.this if isinstance(tree, (exp.Update, exp.Delete, exp.Merge)) else None
    filled = tree.this.find(exp.Table) if isinstance(tree, (exp.Insert, exp.Create)) else None
    named = {column.name.lower() for column in tree.find_all(exp.Column)}
    stars = any(not isinstance(star.parent, (exp.Count, exp.AggFunc)) for star in tree.find_all(exp.Star))
    read = {}
    for table in tree.find_all(exp.Table):
        if table is filled or not table.db or 'INFORMATION_SCHEMA' in table.sql() or _finds_nothing(table):
            continue
        place = (table.catalog or project, table.db, table.name)
        whole = stars or table is changed or bool(read.get(place))
        read[place] = whole
    return sum(_bytes_of_table(context.engine, place, None if whole else named) for place, whole in read.items())


def _finds_nothing(table):
    select = table.find_ancestor(exp.Select)
    where = select and select.args.get('where')
    return bool(where) and isinstance(where.this, exp.Boolean) and not where.this.this


def _bytes_of_table(engine, place, named):
    schema, relation = sql_identifiers.schema_name(*place[:2]), sql_identifiers.quoted_table_ref(*place)
    asked = 'SELECT column_name, data_type FROM duckdb_columns() WHERE schema_name = ? AND table_name = ?'
    columns = engine.execute(asked, [schema, place[2]]).fetchall()
    if not columns:
        raise NotFoundError(f'Not found: Table {place[0]}:{place[1]}.{place[2]} was not found in location US')
    sizes = [_size(name, kind) for name, kind in columns if named is None or name.lower() in named]
    if not sizes:
        return 0
    return int(engine.execute(f"SELECT {' + '.join(sizes)} FROM {relation}").fetchall()[0][0])


def _size(name, kind):
    column = '"' + name.replace('"', '""') + '"'
    width = next((width for word, width in _WIDTHS.items() if kind.startswith(word)), 8)
    if kind in ('VARCHAR', 'JSON', 'BLOB') or kind.endswith('[]') or kind.startswith('STRUCT'):
        return f'coalesce(sum(2 + strlen(CAST({column} AS VARCHAR))), 0)'
    return f'{width} * count({column})'


def refuse_dear(context, project, text):
    """Before a statement runs."""
    most = limit.get()
    if most is None:
        return
    needed = max(bytes_of(context, project, text), LEAST_BILLED)
    if needed > most:
        raise BytesBilledLimitExceeded(f'Query exceeded limit for bytes billed: {most}. {needed} or higher required.')
