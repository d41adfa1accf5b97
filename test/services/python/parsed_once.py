"""The emulators parse a statement anew for each thing that they ask of it, up to fifteen times: most of what they do. Here a text
is parsed once, and everybody gets a copy, because some change theirs. Import it before the emulators."""

from copy import deepcopy
from functools import lru_cache, wraps

import sqlglot
import sqlglot.expressions.core as core
from sqlglot.dialects.dialect import Dialect

# Texts of many rows are as large as their rows.
LONGEST = 50_000
PLAIN = (int, str, bool, type(None))


def once(parse):
    kept = lru_cache(512)(parse)

    @wraps(parse)
    def parse_or_copy(sql, *rest, **options):
        if not isinstance(sql, str) or len(sql) > LONGEST:
            return parse(sql, *rest, **options)
        found = kept(sql, *rest, **options)
        if isinstance(found, list):
            return [tree and tree.copy() for tree in found]
        return found.copy()

    return parse_or_copy


def copied(value, memo=None):
    """A tree copies itself; what hangs on its nodes are places in the text, which have nothing in them to copy."""
    if type(value) is dict:
        return {k: v if type(v) in PLAIN else deepcopy(v) for k, v in value.items()}
    if isinstance(value, core.Expr):
        return value.__deepcopy__({})
    return deepcopy(value)


def with_kept_generators(generate):
    """The compiled generator of a dialect parses its templates whenever one is made: that costs more than a statement."""
    idle = {}

    @wraps(generate)
    def generate_by_kept(self, expression, copy=True, **options):
        if self.settings:
            return generate(self, expression, copy=copy, **options)
        free = idle.setdefault((type(self), tuple(sorted(options.items()))), [])
        try:
            generator = free.pop()
        except IndexError:
            generator = self.generator(**options)
        text = generator.generate(expression, copy=copy)
        free.append(generator)
        return text

    return generate_by_kept


sqlglot.parse_one, sqlglot.parse = once(sqlglot.parse_one), once(sqlglot.parse)
core.deepcopy = copied
Dialect.generate = with_kept_generators(Dialect.generate)
