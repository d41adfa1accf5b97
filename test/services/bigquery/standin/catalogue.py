"""Tables as BigQuery keeps them: with the names that it allows, and of the exact types that they were made with. The emulator refuses
most letters in the name of a table, calls everything NUMERIC that is exact, and JSON text."""

import unicodedata

import sqlglot
from sqlglot import exp

from bqemulator.api.routes import tables as tables_routes
from bqemulator.catalog import ddl_sync
from bqemulator.domain import ids
from bqemulator.storage import sql_identifiers


class TableNames:
    """Stands where a regular expression stood."""

    @staticmethod
    def match(name):
        kinds = {unicodedata.category(character) for character in name}
        return 0 < len(name.encode()) <= 1024 and all(k[0] in 'LMN' or k in ('Pc', 'Pd', 'Zs') for k in kinds)


ids._TABLE_RE = sql_identifiers._SQL_SAFE_ID_RE = TableNames

_LOST = {exp.DataType.Type.DECIMAL: 'NUMERIC', exp.DataType.Type.BIGDECIMAL: 'BIGNUMERIC', exp.DataType.Type.JSON: 'JSON'}
_target, _schema = ddl_sync._detect_plain_create_table, ddl_sync._introspect_schema
_made = {}  # column -> definition, of the table that is being entered


def detect_plain_create_table(bq_sql):
    target = _target(bq_sql)
    _made.clear()
    if target is not None:
        columns = sqlglot.parse_one(bq_sql, read='bigquery').find_all(exp.ColumnDef)
        _made.update({column.name: column.args.get('kind') for column in columns})
    return target


def introspect_schema(*place):
    schema = _schema(*place)
    return schema.model_copy(update={'fields': tuple(exactly(field) for field in schema.fields)})


def exactly(field):
    kind = _made.get(field.name)
    if kind is None or kind.this not in _LOST:
        return field
    digits = [int(digit.name) for digit in kind.expressions]
    limits = dict(zip(('precision', 'scale'), digits))
    return field.model_copy(update={'type': _LOST[kind.this], **limits})


ddl_sync._detect_plain_create_table, ddl_sync._introspect_schema = detect_plain_create_table, introspect_schema

_rest = tables_routes._field_to_rest


def field_to_rest(field):
    limits = {'precision': field.precision, 'scale': field.scale}
    return {**_rest(field), **{name: str(limit) for name, limit in limits.items() if limit is not None}}


tables_routes._field_to_rest = field_to_rest
