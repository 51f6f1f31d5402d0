"""The read tables made anew beside the living ones, compared row by row, and put in their place when told to.

To compare, nobody is kept out: the tables are seen as of one instant, and the topics are folded up to the numbers that
stood there then. To swap, writers and readers wait until the new rows stand in the old ones' place, in one transaction:
everybody sees the one or the other, whole.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import psycopg

from ops.ground import Ground
from ops.rebuild.fold import Tables
from ops.rebuild.reading import Folded, fold_topics
from ops.statements import statement
from schemas.enums import AddressType

TABLES: Final = ("trades", "leader_positions", "smart_traders_positions")
# So many rows that differ are named per table; all are counted.
NAMED: Final = 20
# Messages go onto their topic within milliseconds of the commit that gave them their number; a worker that was killed
# in between sends them when it comes back.
CATCH_UP_SECONDS: Final = 15.0
_PAUSE_SECONDS: Final = 0.3
# Whoever holds a table for longer is not waited for.
_LOCK_TIMEOUT: Final = "SET LOCAL lock_timeout = '30s'"

Connection = psycopg.AsyncConnection[Any]
Told = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Made:
    """A table made anew: its rows, how many differ from the living one's, the first of them by name."""

    table: str
    rows: int
    differing: int
    named: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What was made; ``swapped`` when it stands in the place of the old rows now."""

    tables: tuple[Made, ...]
    signals_differing: tuple[str, ...]
    swapped: bool
    folded: Folded

    @property
    def equal(self) -> bool:
        """Whether no row differs."""
        return not any(made.differing for made in self.tables)


async def rows_now(database_url: str) -> dict[str, int]:
    """How many rows the read tables hold."""
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        cursor = await connection.execute(_text("rows_now"))
        row = await cursor.fetchone()
    assert row is not None, "a SELECT without FROM answers one row"
    return dict(zip(TABLES, row, strict=True))


async def compared(place: Ground, known: Folded, told: Told) -> Rebuilt:
    """Make the tables beside the living ones and compare; changes nothing and keeps nobody out.

    Raises Forgotten, KafkaError, psycopg.OperationalError.
    """
    async with await psycopg.AsyncConnection.connect(place.database_url) as connection:
        await connection.set_isolation_level(psycopg.IsolationLevel.REPEATABLE_READ)
        known.tables.until = await _numbers(connection)
        folded = await _caught_up(place, known, known.tables.until, told)
        return await _beside(connection, folded, told)


async def swapped(place: Ground, known: Folded, told: Told, *, unequal: bool) -> Rebuilt:
    """As ``compared``, and put the rows in the living ones' place: if they are equal, or even if not."""
    told("reading the topics")
    known = await fold_topics(place.kafka, place.names, known)
    async with await psycopg.AsyncConnection.connect(place.database_url) as connection:
        await connection.execute(_LOCK_TIMEOUT)
        await connection.execute(_text("keep_writers_out"))
        told("writers and readers wait")
        folded = await _caught_up(place, known, await _numbers(connection), told)
        made = await _beside(connection, folded, told)
        if not (made.equal or unequal):
            return made
        for table in TABLES:
            await connection.execute(_text(f"empty_{table}"))
            await connection.execute(_text(f"fill_{table}"))
        await connection.commit()
    return Rebuilt(made.tables, made.signals_differing, True, folded)


async def _beside(connection: Connection, folded: Folded, told: Told) -> Rebuilt:
    tables = folded.tables
    positions = tables.position_rows()
    rows: dict[str, Sequence[Iterable[object]]] = {
        "trades": list(tables.trades.values()),
        "leader_positions": [
            (*key[1:], *row) for key, row in positions.items() if key[0] is AddressType.COPY_LEADER
        ],
        "smart_traders_positions": [
            (*key[1:], *row) for key, row in positions.items() if key[0] is AddressType.SMART_TRADER
        ],
    }
    made = []
    for table in TABLES:
        told(f"{table}: {len(rows[table]):,} rows made, comparing")
        await connection.execute(_text(f"make_{table}"))
        async with connection.cursor() as cursor, cursor.copy(_text(f"copy_{table}")) as copy:
            for row in rows[table]:
                await copy.write_row(tuple(row))
        found = await (await connection.execute(_text(f"differing_{table}"), {"most": NAMED})).fetchall()
        named = tuple(f"{table}: {name} {what}" for name, what, _all in found)
        made.append(Made(table, len(rows[table]), found[0][2] if found else 0, named))
    signals = await (await connection.execute(_text("signals"))).fetchone()
    assert signals is not None, "a SELECT without FROM answers one row"
    return Rebuilt(tuple(made), tuple(f"smart_signals: {name}" for name in signals[1]), False, folded)


async def _numbers(connection: Connection) -> dict[tuple[AddressType, str], int]:
    """How far each ledger has come, by what stands in ``trades``."""
    found: dict[tuple[AddressType, str], int] = {}
    cursor = await connection.execute(_text("numbers_given"))
    for wallet, leads, shows in await cursor.fetchall():
        for role, number in ((AddressType.COPY_LEADER, leads), (AddressType.SMART_TRADER, shows)):
            if number is not None:
                found[role, wallet] = number
    return found


async def _caught_up(
    place: Ground, known: Folded, numbers: dict[tuple[AddressType, str], int], told: Told
) -> Folded:
    """Fold until every number that stands in the tables was on its topic; what never comes will differ, by name."""
    until = time.monotonic() + CATCH_UP_SECONDS
    while True:
        known = await fold_topics(place.kafka, place.names, known)
        behind = sum(known.tables.last_number.get(key, 0) < number for key, number in numbers.items())
        if not behind or time.monotonic() > until:
            return known
        told(f"{behind} wallets are not on the topics up to their last number yet")
        await asyncio.sleep(_PAUSE_SECONDS)


def _text(name: str) -> bytes:
    return statement("ops.rebuild", name).encode()


def nothing_known() -> Folded:
    """Where a rebuild begins without a snapshot."""
    return Folded(Tables())
