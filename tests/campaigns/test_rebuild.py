"""Read tables made again from a snapshot and the topics since, when the topics have forgotten the rest (SAFETY R37)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import psycopg
import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from ops.audit.rebuild import rebuilt
from ops.audit.topics import spans
from ops.campaign.settling import lag
from ops.rebuild.reading import Folded, Forgotten, fold_topics
from ops.rebuild.snapshot import WrongSnapshot, load, take
from ops.stack.local import Stack
from schemas.enums import AddressType
from streams.topology import COPY_LEADER, SMART_TRADER, TRADES, TopicNames
from tests.conftest import StartProcess
from tests.streams.door import Door, fill, open_door, wallet
from tests.waiting import eventually

LEADER, SMART, BOTH = wallet(0x1EAD), wallet(0x57A7), wallet(0xB07)
ROLES = {
    LEADER: (AddressType.COPY_LEADER,),
    SMART: (AddressType.SMART_TRADER,),
    BOTH: (AddressType.COPY_LEADER, AddressType.SMART_TRADER),
}


@pytest.fixture
async def door(
    stack: Stack, topics: TopicNames, database_url: str, run_process: StartProcess
) -> AsyncIterator[Door]:
    """A running streams process that reads the roles of three wallets."""
    async with open_door(stack.kafka, database_url, topics) as opened:
        for who, roles in ROLES.items():
            await opened.watch(who, *roles)
        await run_process("streams")

        async def read() -> bool:
            return len(await opened.rows("SELECT 1 FROM role_reads")) == len(ROLES)

        await eventually(read)
        yield opened


async def test_r37_rebuilt_at_day_45_the_rows_are_identical(door: Door, tmp_path: Path) -> None:
    """What the topics forgot stands in the snapshot; with what came since it makes every row again."""
    await _trade(door, 30)
    await take(door.kafka, door.names, tmp_path / "week-1")
    await _trade(door, 20)
    await take(door.kafka, door.names, tmp_path / "week-2", tmp_path / "week-1")
    await _forget(door)
    await _trade(door, 25)
    async with await psycopg.AsyncConnection.connect(door.database_url, autocommit=True) as connection:
        check = await rebuilt(connection, door.kafka, door.names, tmp_path / "week-2")
        alone = await rebuilt(connection, door.kafka, door.names)
        await connection.execute(
            "UPDATE leader_positions SET shares = shares + 1 WHERE wallet = %s", [LEADER]
        )
        changed = await rebuilt(connection, door.kafka, door.names, tmp_path / "week-2")
    assert check.holds, check.names
    assert check.counted["trades"] == 75 * len(ROLES)
    assert not alone.ran, "the topics alone are not enough, and say so"
    assert changed.broken > 0


async def test_r37_a_gap_between_snapshot_and_topics_is_refused(door: Door, tmp_path: Path) -> None:
    """Messages that came after the snapshot and were forgotten before they were read cannot be made up."""
    await _trade(door, 5)
    await take(door.kafka, door.names, tmp_path / "old")
    await _trade(door, 5)
    await _forget(door)
    with pytest.raises(Forgotten, match="a snapshot from before is needed"):
        await fold_topics(door.kafka, door.names, load(tmp_path / "old", door.names.prefix))


async def test_r37_an_old_dead_letter_does_not_touch_what_began_later(door: Door) -> None:
    """Bytes that nobody could read before the wallet was watched make nothing of it unsure."""
    late = wallet(0x1A7E)
    await door.send(TRADES, late, b"no trade")
    await _settled(door)
    await door.watch(late, AddressType.COPY_LEADER)

    async def read() -> bool:
        return bool(await door.rows("SELECT 1 FROM role_reads WHERE wallet = %s", late))

    await eventually(read)
    await door.trade(fill(late))
    await _settled(door)
    async with await psycopg.AsyncConnection.connect(door.database_url, autocommit=True) as connection:
        check = await rebuilt(connection, door.kafka, door.names)
    assert check.holds, check.names


def test_r37_a_snapshot_that_is_cut_short_is_refused(tmp_path: Path) -> None:
    """Half a snapshot would make half a table."""
    import gzip

    from ops.rebuild.snapshot import save

    save(Folded(), "", tmp_path / "whole")
    lines = gzip.decompress((tmp_path / "whole").read_bytes()).splitlines(keepends=True)
    (tmp_path / "half").write_bytes(gzip.compress(b"".join(lines[:-1])))
    assert load(tmp_path / "whole", "") == Folded()
    with pytest.raises(WrongSnapshot, match="not whole"):
        load(tmp_path / "half", "")
    with pytest.raises(WrongSnapshot, match="prefix"):
        load(tmp_path / "whole", "shadow.")


async def _trade(door: Door, each: int) -> None:
    """So many fills of each wallet, purchases and sales in turn, all read to their end."""
    for number in range(each):
        for who in ROLES:
            side = "SELL" if number % 4 == 3 else "BUY"
            token = str(7_000 + number % 5)
            await door.trade(fill(who, side=side, token_id=token))
    await _settled(door)


async def _settled(door: Door) -> None:
    environment = {
        "POLYCOOL_KAFKA": door.kafka,
        "POLYCOOL_DATABASE_URL": door.database_url,
        "POLYCOOL_TOPIC_PREFIX": door.names.prefix,
    }

    async def read_to_the_end() -> bool:
        return await lag(environment) == 0

    await eventually(read_to_the_end, 30.0, every=0.1)


async def _forget(door: Door) -> None:
    """Retention, made quick: the role topics let go of all they hold."""
    admin = AIOKafkaAdminClient(bootstrap_servers=door.kafka)
    await admin.start()
    try:
        for topic in (COPY_LEADER, SMART_TRADER):
            name = door.names.of(topic)
            held = await spans(door.kafka, name)
            await admin.delete_records(
                {TopicPartition(name, part): RecordsToDelete(span.end) for part, span in held.items()}
            )
    finally:
        await admin.close()
