"""Bad input on the real topic: a dead letter with bytes, place and reason; neighbours go on; offsets go on."""

from __future__ import annotations

import base64
import contextlib
import hashlib
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import MessageSizeTooLargeError

from ops.stack.local import Stack
from schemas.base import rfc3339
from schemas.dead_letters import BODY_BYTES_MAX, DeadLetter
from schemas.enums import DeadLetterReason
from schemas.trades import LeaderTraded
from streams.topology import COPY_LEADER, DEAD_LETTERS, TRADES
from tests.conftest import until_ready
from tests.streams.door import Door, fill, open_door, wallet
from tests.streams.redrives import watch
from tests.streams.way import Way, running_way
from tests.waiting import eventually

LEADER = wallet(0xBAD)


@pytest.fixture(scope="module")
def way(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Way]:
    with running_way(stack, tmp_path_factory.mktemp("bad")) as running:
        yield running


@pytest.fixture
async def door(way: Way) -> AsyncIterator[Door]:
    async with open_door(way.kafka, way.database_url, way.names) as opened:
        await until_ready(way.worker)
        await watch(opened, LEADER)
        yield opened


async def _letters(door: Door, count: int) -> list[DeadLetter]:
    return [DeadLetter.decode(record.value) for record in await door.read(DEAD_LETTERS, count)]


def _bad() -> list[tuple[bytes, DeadLetterReason]]:
    hour_ahead = rfc3339(datetime.now(UTC) + timedelta(hours=1))
    changes: list[tuple[dict[str, Any], DeadLetterReason]] = [
        ({"side": "HOLD"}, DeadLetterReason.UNREADABLE),
        ({"size": "0"}, DeadLetterReason.UNREADABLE),
        ({"size": "-3"}, DeadLetterReason.UNREADABLE),
        ({"price": 0.5}, DeadLetterReason.UNREADABLE),
        ({"traded_at": hour_ahead}, DeadLetterReason.IN_THE_FUTURE),
        ({"usdc": "5000000"}, DeadLetterReason.INCONSISTENT),
    ]
    bad = [(orjson.dumps(fill(LEADER, **change)), reason) for change, reason in changes]
    return [
        (b"\x00\x9f garbage \xff", DeadLetterReason.UNREADABLE),
        (b"{}", DeadLetterReason.UNREADABLE),
        *bad,
    ]


async def test_each_bad_message_becomes_a_dead_letter_and_the_good_ones_between_go_on(door: Door) -> None:
    """Garbage, unknown enums, zero and negative sizes, numbers for text, an hour ahead, contradictions: each with its
    bytes, its place and its reason; every good trade between them is sorted; nothing is left uncommitted."""
    good, placed = [], []
    for value, reason in _bad():
        placed.append((await door.send(TRADES, LEADER, value), value, reason))
        body = fill(LEADER)
        good.append(body["trade_id"])
        await door.trade(body)
    letters = {letter.offset: letter for letter in await _letters(door, len(placed))}
    for (partition, offset), value, reason in placed:
        letter = letters[offset]
        assert (letter.topic, letter.partition, letter.reason) == (door.names.of(TRADES), partition, reason)
        assert base64.b64decode(letter.body) == value
        assert (letter.size, letter.body_cut, letter.key) == (len(value), False, LEADER)
        assert letter.stage == "classify"
        assert letter.detail
    sorted_ = [LeaderTraded.decode(record.value) for record in await door.read(COPY_LEADER, len(good))]
    assert [message.trade_id for message in sorted_ if message.trade_id in good] == good
    assert [message.number for message in sorted_] == list(range(1, len(sorted_) + 1))

    async def all_committed() -> bool:
        ends = await door.ends(TRADES)
        committed = await door.committed(TRADES)
        return all(committed.get(partition, 0) == end for partition, end in ends.items())

    await eventually(all_committed)


async def test_the_broker_refuses_ten_megabytes_by_default(door: Door) -> None:
    """The contract's topics keep Kafka's limit of 1 MiB a message."""
    big = AIOKafkaProducer(bootstrap_servers=door.kafka, max_request_size=20_000_000)
    await big.start()
    try:
        with pytest.raises(MessageSizeTooLargeError):
            await big.send_and_wait(door.names.of(TRADES), b"x" * 10_000_000, key=LEADER.encode())
    finally:
        await big.stop()


async def test_ten_megabytes_on_a_topic_that_lets_them_in_stop_nobody(door: Door) -> None:
    """Where an operator has raised the limit: a dead letter with the first 700 kB, size and digest of the whole."""
    admin = AIOKafkaAdminClient(bootstrap_servers=door.kafka)
    await admin.start()
    limit = {"max.message.bytes": "20000000", "message.timestamp.type": "LogAppendTime"}
    try:
        await admin.alter_configs(
            [ConfigResource(ConfigResourceType.TOPIC, door.names.of(TRADES), configs=limit)]
        )
    finally:
        await admin.close()
    huge = orjson.dumps(fill(LEADER, trade_id="x" * 10_000_000))
    big = AIOKafkaProducer(bootstrap_servers=door.kafka, max_request_size=20_000_000)
    await big.start()

    async def let_in() -> Any:
        """None while the broker still has its former limit."""
        with contextlib.suppress(MessageSizeTooLargeError):
            return await big.send_and_wait(door.names.of(TRADES), huge, key=LEADER.encode())

    try:
        placed = await eventually(let_in)
    finally:
        await big.stop()
    neighbour = fill(LEADER)
    await door.trade(neighbour)

    async def letter_and_neighbour() -> DeadLetter | None:
        letters = [DeadLetter.decode(record.value) for record in await door.all(DEAD_LETTERS)]
        rows = await door.rows("SELECT 1 FROM trades WHERE trade_id = %s", neighbour["trade_id"])
        found = [letter for letter in letters if letter.size == len(huge)]
        return found[0] if found and rows else None

    letter = await eventually(letter_and_neighbour, 30)
    assert letter is not None
    assert (letter.offset, letter.body_cut) == (placed.offset, True)
    assert base64.b64decode(letter.body) == huge[:BODY_BYTES_MAX]
    assert letter.sha256 == hashlib.sha256(huge).hexdigest()
