"""The emulators parse a statement anew for each thing that they ask of it, up to fifteen times: most of what they do. Here a text
is parsed once, and everybody gets a copy, because some change theirs."""

from functools import lru_cache, wraps

import sqlglot

# Texts of many rows are as large as their rows.
LONGEST = 50_000


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


sqlglot.parse_one, sqlglot.parse = once(sqlglot.parse_one), once(sqlglot.parse)
