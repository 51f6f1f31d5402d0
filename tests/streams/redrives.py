"""Letters as the tests of redriving plant, await and redrive them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import orjson
import psycopg
from psycopg.rows import dict_row

from api.database import Transaction
from api.letters import Desk
from schemas.enums import AddressType, RedrivePace
from schemas.letter_views import NewPlan
from streams.kafka.guard import DeadMessage, Received
from streams.kafka.letters import dead_letter
from streams.topology import DEAD_LETTERS, TRADES
from tests.streams.door import Door
from tests.waiting import eventually


async def watch(door: Door, who: str) -> None:
    """Have the wallet watched as a leader, and wait until classify has read it."""
    await door.watch(who, AddressType.COPY_LEADER)

    async def read() -> bool:
        return bool(await door.rows("SELECT 1 FROM role_reads WHERE wallet = %s", who))

    await eventually(read)


async def letters_about(door: Door, who: str, count: int) -> list[dict[str, Any]]:
    """Its letters, once there are so many."""

    async def kept() -> list[dict[str, Any]] | None:
        rows = await door.rows(
            "SELECT d.letter_id, d.reason, s.state, s.became FROM dead_letters d LEFT JOIN dead_letter_state s"
            " USING (letter_id) WHERE d.key = %s ORDER BY d.letter_id",
            who,
        )
        return rows if len(rows) >= count else None

    found: list[dict[str, Any]] | None = await eventually(kept)
    return found or []


async def redrive(door: Door, asked: NewPlan, pace: RedrivePace, name: str) -> dict[str, Any]:
    """Plan, ask, and wait until it is over."""
    async with await psycopg.AsyncConnection.connect(door.database_url, row_factory=dict_row) as connection:
        desk = Desk(Transaction(connection), door.names.prefix)
        plan = await desk.keep(asked, await desk.planned(asked), "ann")
        await desk.redrive(plan.plan_id, pace, "ann", name)

    async def over() -> dict[str, Any] | None:
        (row,) = await door.rows("SELECT * FROM dead_letter_redrives WHERE redrive_id = %s", name)
        return row if row["ended_at"] is not None else None

    ended: dict[str, Any] | None = await eventually(over, 60)
    return ended or {}


async def as_if_failed(door: Door, body: dict[str, Any], offset: int, *, first: datetime) -> None:
    """A letter of a good message, as a fault of ours that is mended would have left it: at a place before the topic."""
    received = Received(door.names.of(TRADES), 0, offset, body["wallet"].encode(), orjson.dumps(body), first)
    metadata = await door.producer.client.fetch_all_metadata()
    count = len(metadata.partitions_for_topic(door.names.of(TRADES)) or ())
    from streams.kafka.sender import partition_of

    placed = received._replace(partition=partition_of(body["wallet"].encode(), count))
    letter = dead_letter(DeadMessage(placed, "FAILED", "a fault"), "classify", first)  # type: ignore[arg-type]
    await door.rows(
        'INSERT INTO missing_messages (topic, partition, "offset", wallet) VALUES (%s, %s, %s, %s)',
        placed.topic, placed.partition, placed.offset, body["wallet"],
    )  # fmt: skip
    await door.send(DEAD_LETTERS, body["wallet"], letter.encode())
