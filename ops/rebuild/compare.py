"""The read tables beside what the topics say: every row that differs, by name."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import orjson
import psycopg

from ops.audit.topics import messages
from ops.rebuild.fold import PositionRow, Tables, TradeRow
from ops.statements import statement
from schemas.enums import AddressType
from streams.topology import COPY_LEADER, DEAD_LETTERS, SMART_TRADER, TRADES, Topic, TopicNames

_Key = TypeVar("_Key", bound=tuple[str, ...])
_Row = TypeVar("_Row")

ROLE_TOPICS: Final[tuple[tuple[AddressType, Topic], ...]] = (
    (AddressType.COPY_LEADER, COPY_LEADER),
    (AddressType.SMART_TRADER, SMART_TRADER),
)
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


async def from_topics(kafka: str, names: TopicNames, tables: Tables) -> Tables:
    """Apply what the role topics carry beyond what ``tables`` holds already, in the order of each wallet's numbers."""
    for role, topic in ROLE_TOPICS:
        waiting: dict[str, list[tuple[int, bytes]]] = {}
        async for place in messages(kafka, names.of(topic)):
            if place.value is not None:
                body = orjson.loads(place.value)
                waiting.setdefault(body["wallet"], []).append((body["number"], place.value))
        for found in waiting.values():
            for _number, raw in sorted(found, key=lambda pair: pair[0]):
                tables.apply(role, raw)
    tables.mark_unsure({wallet async for wallet in _refused_wallets(kafka, names)})
    return tables


async def _refused_wallets(kafka: str, names: TopicNames) -> AsyncIterator[str]:
    """Wallets one of whose messages on ``trades`` became a dead letter; the key is the wallet."""
    trades = names.of(TRADES)
    async for place in messages(kafka, names.of(DEAD_LETTERS)):
        letter = orjson.loads(place.value or b"{}")
        if letter.get("topic") == trades and letter.get("key"):
            yield letter["key"].lower()


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
