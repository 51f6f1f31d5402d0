"""Dead letters, as operators look at them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from streams.tables.queries import query

_COLUMNS: Final = (
    "letter_partition",
    "letter_offset",
    "topic",
    "partition",
    "offset",
    "key",
    "reason",
    "detail",
    "stage",
    "size",
    "sha256",
    "body",
    "first_seen_at",
    "last_seen_at",
    "appended_at",
)


async def keep_letters(
    connection: AsyncConnection[TupleRow], letters: Sequence[Mapping[str, object]]
) -> None:
    """Keep letters by their place on the topic; known ones stay as they are."""
    await connection.execute(
        query("letters/keep_letters"), {name: [letter[name] for letter in letters] for name in _COLUMNS}
    )
