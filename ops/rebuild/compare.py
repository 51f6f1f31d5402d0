"""The read tables beside what the topics say: every row that differs, by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import psycopg

from ops.rebuild.fold import PositionRow, Tables, TradeRow
from ops.statements import statement
from schemas.enums import AddressType

_Key = TypeVar("_Key", bound=tuple[str, ...])
_Row = TypeVar("_Row")

_POSITIONS: Final = {
    AddressType.COPY_LEADER: "leader_positions",
    AddressType.SMART_TRADER: "smart_traders_positions",
}


@dataclass(frozen=True, slots=True)
class Comparison:
    """How many rows were made again, and what differs."""

    trades: int
    positions: int
    signals: int
    differ: tuple[str, ...]


async def compare(connection: psycopg.AsyncConnection[Any], tables: Tables) -> Comparison:
    """Compare what the fold says with what stands in the database; changes nothing."""
    differ: list[str] = []
    async with connection.cursor() as cursor:
        await cursor.execute(statement("ops.rebuild", "trades").encode())
        stored = {(row[0], row[1]): _trade_row(row) for row in await cursor.fetchall()}
        differ += _differences("trades", tables.trades, stored)
        positions = tables.position_rows()
        for role, table in _POSITIONS.items():
            await cursor.execute(statement("ops.rebuild", table).encode())
            there = {(row[0], row[1]): PositionRow(*row[2:]) for row in await cursor.fetchall()}
            made = {key[1:]: row for key, row in positions.items() if key[0] is role}
            differ += _differences(table, made, there)
        await cursor.execute(statement("ops.rebuild", "signals").encode())
        row = await cursor.fetchone()
    assert row is not None, "a SELECT without FROM answers one row"
    differ += [f"smart_signals: {name}" for name in row[1]]
    return Comparison(len(tables.trades), len(positions), row[0], tuple(differ))


def _trade_row(row: tuple[Any, ...]) -> TradeRow:
    leader_message, smart_message = row[-2:]
    return TradeRow._make((*row[:-2], _bytes(leader_message), _bytes(smart_message)))


def _bytes(value: bytes | memoryview | None) -> bytes | None:
    return None if value is None else bytes(value)


def _differences(table: str, made: Mapping[_Key, _Row], stored: Mapping[_Key, _Row]) -> list[str]:
    """Names of rows that are in one only, or not equal (numbers by value, times as instants)."""
    found = []
    for key in sorted(made.keys() | stored.keys()):
        if key not in stored:
            found.append(f"{table}: {' '.join(key)} is missing")
        elif key not in made:
            found.append(f"{table}: {' '.join(key)} is on no topic")
        elif made[key] != stored[key]:
            found.append(f"{table}: {' '.join(key)} differs")
    return found
