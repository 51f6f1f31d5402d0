"""Long lists as parameters of a statement, many times quicker than psycopg writes them value by value."""

from __future__ import annotations

from collections.abc import Sequence


def array(items: Sequence[object]) -> str:
    """The items as the text of a Postgres array of any type; none of them may be None."""
    if not items:
        return "{}"
    joined = '","'.join(map(str, items))
    # As many quotes as we put between the items: no item holds one of its own.
    if "\\" in joined or joined.count('"') != 2 * (len(items) - 1):
        joined = '","'.join(str(item).replace("\\", "\\\\").replace('"', '\\"') for item in items)
    return f'{{"{joined}"}}'
