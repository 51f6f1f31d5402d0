"""Dead letters redriven by a running worker: the same bytes, in order, once; halted by the first that comes back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from ops.cli import run
from ops.stack.local import Stack
from schemas.base import rfc3339
from schemas.dead_letters import DeadLetter
from schemas.enums import RedrivePace
from schemas.letter_views import NewPlan
from schemas.trades import LeaderTraded
from streams.topology import COPY_LEADER, DEAD_LETTERS, TRADES
from tests.conftest import until_ready
from tests.copy_execution.world import World
from tests.streams.door import Door, fill, open_door, wallet
from tests.streams.redrives import as_if_failed, letters_about, redrive, watch
from tests.streams.way import Way, running_way
from tests.waiting import eventually

HEALED, POISONED, LATE, KILLED = wallet(0x4EA1), wallet(0x9015), wallet(0x1A7E), wallet(0xDEAD)


@pytest.fixture(scope="module")
def way(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Way]:
    with running_way(stack, tmp_path_factory.mktemp("redriving")) as running:
        yield running


@pytest.fixture
async def door(way: Way) -> AsyncIterator[Door]:
    async with open_door(way.kafka, way.database_url, way.names) as opened:
        await until_ready(way.worker)
        yield opened


async def test_r18_what_was_mended_is_taken_in_order_and_once_and_places_nothing(door: Door) -> None:
    """Each letter's message goes where it was, oldest first; the ledger takes each once, also when redriven twice, and
    its positions are unsure no longer than until then. A follower's old BUYs end TOO_OLD, an old SELL leaves a later
    lot alone."""
    with closing(World.on(door.database_url).owner) as owner:
        await _mended(door, World(owner))


async def _mended(door: Door, world: World) -> None:
    world.leader(HEALED, read=False)
    await watch(door, HEALED)
    world.run("UPDATE role_reads SET read_at = now() - interval '1 day'")
    following = world.follow(world.account("Ann"), HEALED, since=timedelta(hours=3))
    world.market("7" * 20)
    world.market("8" * 20)
    world.lot(following, "8" * 20)
    first = (datetime.now(UTC) - timedelta(hours=2)).replace(microsecond=0)
    old = rfc3339(first)
    bodies = [fill(HEALED, traded_at=old, size=str(size), usdc=str(size / 2)) for size in range(10, 22)]
    bodies.append(fill(HEALED, traded_at=old, side="SELL", token_id="8" * 20))
    for number, body in enumerate(bodies):
        await as_if_failed(door, body, 900_000 + number, first=first)
    await letters_about(door, HEALED, len(bodies))
    await door.trade(fill(HEALED))
    (meanwhile,) = [LeaderTraded.decode(each.value) for each in await door.read(COPY_LEADER, 1)]
    assert meanwhile.unsure

    ended = await redrive(door, NewPlan(wallet=HEALED), RedrivePace.RAMP, "R-MENDED")
    assert (ended["state"], ended["cause"]) == ("done", None)
    taken = [LeaderTraded.decode(each.value) for each in await door.read(COPY_LEADER, 1 + len(bodies))][1:]
    assert [message.trade_id for message in taken] == [body["trade_id"] for body in bodies]
    assert {message.traded_at for message in taken} == {first}, "what was redriven is as old as it was"
    states = {row["state"] for row in await letters_about(door, HEALED, len(bodies))}
    assert states == {"redriven"}
    assert not await door.rows(
        "SELECT 1 FROM missing_messages WHERE wallet = %s AND ended_at IS NULL", HEALED
    )

    names = tuple(str(row["letter_id"]) for row in await letters_about(door, HEALED, 1))
    again = await redrive(door, NewPlan(letters=names), RedrivePace.CANARY, "R-AGAIN")
    assert again["state"] == "done"
    stored = await door.rows("SELECT leader_number FROM trades WHERE wallet = %s ORDER BY 1", HEALED)
    assert [row["leader_number"] for row in stored] == list(range(1, 2 + len(bodies)))

    async def answered() -> bool:
        return len(world.copies()) == 1 + len(bodies)

    await eventually(answered)
    ends = {
        (copy["side"], copy["state"], copy["reason"])
        for copy in world.copies()
        if copy["trade_id"] != meanwhile.trade_id
    }
    assert ends == {("BUY", "expired", "TOO_OLD"), ("SELL", "skipped", "NOTHING_TO_SELL")}
    (lot,) = world.rows("SELECT shares, target_shares FROM lots")
    assert lot["shares"] == lot["target_shares"] == 10
    history = await door.rows(
        "SELECT to_state FROM dead_letter_history WHERE letter_id = %s ORDER BY change_id", int(names[0])
    )
    assert [row["to_state"] for row in history] == ["redriving", "redriven", "redriving", "redriven"]


async def test_the_first_that_comes_back_halts_the_ramp(door: Door) -> None:
    """Poison of several kinds: one is sent, comes back as a letter of its own, and nothing after it is sent."""
    await watch(door, POISONED)
    poison = [b"\x00\x9f garbage \xff", orjson.dumps(fill(POISONED, side="HOLD")), b"{}"]
    poison += [orjson.dumps(fill(POISONED, usdc="5000000")), orjson.dumps(fill(wallet(0xE15E)))]
    for value in poison:
        await door.send(TRADES, POISONED, value)
    before = await letters_about(door, POISONED, len(poison))
    assert [row["reason"] for row in before] == ["UNREADABLE"] * 3 + ["INCONSISTENT", "WRONG_KEY"]
    ended = await redrive(door, NewPlan(wallet=POISONED), RedrivePace.RAMP, "R-POISON")
    after = await letters_about(door, POISONED, len(poison) + 1)
    assert (len(after), ended["state"]) == (len(poison) + 1, "halted")
    assert ended["cause"] == f"letter {before[0]['letter_id']} came back as letter {after[-1]['letter_id']}"
    assert [row["state"] for row in after] == ["repeated", None, None, None, None, None]
    missing = await door.rows(
        "SELECT 1 FROM missing_messages WHERE wallet = %s AND ended_at IS NULL", POISONED
    )
    assert len(missing) == len(poison) - 1, (
        "the repeat stands for what it was; the wrong key is another wallet's"
    )
    (letter,) = [
        DeadLetter.decode(each.value)
        for each in await door.all(DEAD_LETTERS)
        if (each.key, each.offset) == (POISONED.encode(), await _offset(door, after[-1]["letter_id"]))
    ]
    assert letter.appended_at is not None
    assert letter.appended_at < letter.first_seen_at


async def test_r17_a_stamp_ahead_grows_no_younger_by_a_redrive(door: Door) -> None:
    """Refused for a time ahead, sent again when that time has come: it is as old as when it came first."""
    await watch(door, LATE)
    stamp = datetime.now(UTC) - timedelta(seconds=1)
    body = fill(LATE, traded_at=rfc3339(stamp))
    first = (stamp - timedelta(hours=1)).replace(microsecond=0)
    await as_if_failed(door, body, 900_100, first=first)
    await letters_about(door, LATE, 1)
    ended = await redrive(door, NewPlan(wallet=LATE), RedrivePace.ONE, "R-LATE")
    assert ended["state"] == "done"
    (row,) = await door.rows("SELECT traded_at, content FROM trades WHERE wallet = %s", LATE)
    assert row["traded_at"] == first
    told = [LeaderTraded.decode(each.value) for each in await door.all(COPY_LEADER)]
    assert [message.stamped_at for message in told if message.wallet == LATE] == [stamp]


async def test_a_message_larger_than_a_letter_holds_goes_out_whole_or_says_what_to_do(door: Door) -> None:
    """900 kB are taken from the place where they failed; where the topic has let them go the letter is unsendable,
    with a sentence."""
    who = wallet(0xB16)
    await watch(door, who)
    large = b'{"wallet": "' + who.encode() + b'", "much": "' + b"x" * 900_000 + b'"}'
    await door.send(TRADES, who, large)
    (letter,) = await letters_about(door, who, 1)
    ended = await redrive(door, NewPlan(letters=(str(letter["letter_id"]),)), RedrivePace.ONE, "R-LARGE")
    # It is no trade, so it comes back: every byte of it was there again.
    assert (ended["state"], "came back as letter" in ended["cause"]) == ("halted", True)
    again = [each for each in await door.all(DEAD_LETTERS) if each.key == who.encode()]
    letters = [DeadLetter.decode(each.value) for each in again]
    assert [(each.size, each.body_cut) for each in letters] == [(len(large), True)] * 2
    assert len({each.sha256 for each in letters}) == 1
    gone = letters[0].model_copy(update={"offset": 10_000_000, "key": wallet(0xB17)})
    await door.send(DEAD_LETTERS, wallet(0xB17), gone.encode())
    (lost,) = await letters_about(door, wallet(0xB17), 1)
    ended = await redrive(door, NewPlan(letters=(str(lost["letter_id"]),)), RedrivePace.ONE, "R-GONE")
    sentence = f"letter {lost['letter_id']} holds the first 700,000 of {len(large):,} bytes"
    assert ended["cause"].startswith(sentence)
    assert ended["cause"].endswith("have its sender send it again, then put the letter away")
    (row,) = await door.rows(
        "SELECT state, note FROM dead_letter_state WHERE letter_id = %s", lost["letter_id"]
    )
    assert row == {"state": "unsendable", "note": ended["cause"]}


async def test_a_worker_killed_in_the_middle_of_a_redrive_leaves_none_out_and_takes_none_twice(
    door: Door, way: Way
) -> None:
    """kill -9 between two steps of sixty letters; the next worker goes on where it was: every message is taken once, in
    its order, and every letter has one history that ends redriven."""
    await watch(door, KILLED)
    first = (datetime.now(UTC) - timedelta(hours=2)).replace(microsecond=0)
    bodies = [fill(KILLED, traded_at=rfc3339(first)) for _ in range(60)]
    for number, body in enumerate(bodies):
        await as_if_failed(door, body, 900_200 + number, first=first)
    await letters_about(door, KILLED, len(bodies))
    redriving = asyncio.create_task(redrive(door, NewPlan(wallet=KILLED), RedrivePace.RAMP, "R-KILLED"))

    async def under_way() -> list[str | None]:
        states = [row["state"] for row in await letters_about(door, KILLED, len(bodies))]
        return states if states.count("redriven") >= 10 else []

    states = await eventually(under_way, 30)
    way.worker.kill()
    assert states.count("redriven") < len(bodies), "it was killed in the middle"
    way.worker.start()
    await until_ready(way.worker)
    ended = await redriving
    assert (ended["state"], ended["cause"]) == ("done", None)
    taken = await door.rows(
        "SELECT trade_id, leader_number FROM trades WHERE wallet = %s ORDER BY leader_number", KILLED
    )
    assert [(row["trade_id"], row["leader_number"]) for row in taken] == [
        (body["trade_id"], number) for number, body in enumerate(bodies, start=1)
    ]

    async def decided() -> bool:
        (row,) = await door.rows("SELECT count(*) AS n FROM leader_decisions WHERE leader = %s", KILLED)
        return bool(row["n"] == len(bodies))

    await eventually(decided, 30)  # by the stage after the one that redrives
    assert {row["state"] for row in await letters_about(door, KILLED, len(bodies))} == {"redriven"}
    told = await door.rows(
        "SELECT array_agg(h.to_state ORDER BY h.change_id) AS states FROM dead_letter_history h"
        " JOIN dead_letters d USING (letter_id) WHERE d.key = %s GROUP BY h.letter_id",
        KILLED,
    )
    # A letter of which nobody knew whether it had gone out is sent again: that is no other state.
    assert {tuple(dict.fromkeys(row["states"])) for row in told} <= {
        ("redriving", "redriven"), ("dead", "redriving", "redriven"),
    }  # fmt: skip


async def _offset(door: Door, letter_id: int) -> int:
    (row,) = await door.rows("SELECT letter_offset FROM dead_letters WHERE letter_id = %s", letter_id)
    offset: int = row["letter_offset"]
    return offset


async def test_the_command_shows_redrives_and_puts_away(
    door: Door, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A plan sends nothing; --execute sends, tells what came back and is exit 1; quarantine ends it with a note."""
    who = wallet(0xC0DE)
    await watch(door, who)
    await door.send(TRADES, who, b'{"wallet": nobody}')
    (letter,) = await letters_about(door, who, 1)
    name = str(letter["letter_id"])
    for setting, value in (
        ("KAFKA", door.kafka),
        ("DATABASE_URL", door.database_url),
        ("TOPIC_PREFIX", door.names.prefix),
    ):
        monkeypatch.setenv(f"POLYCOOL_{setting}", value)

    async def said(*words: str) -> tuple[int, Any]:
        capsys.readouterr()
        code = await asyncio.to_thread(run, ["dlq", *words, "--json"])
        lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("{")]
        return code, orjson.loads(lines[-1])

    code, listed = await said("list")
    assert (code, any(each["newest"] == name for each in listed["reasons"])) == (1, True)
    code, shown = await said("show", name)
    assert (code, shown["fault"]["place"], shown["state"]) == (0, 11, "dead")
    code, plan = await said("redrive", name)
    assert (code, plan["executed"], plan["letters"], plan["orders_most"]) == (0, False, [name], 0)
    assert await asyncio.to_thread(run, ["dlq", "redrive", name, "--plan", "P-0000000", "--execute"]) == 1
    code, ended = await said("redrive", name, "--plan", plan["plan_id"], "--execute")
    assert (code, ended["state"], ended["repeated"]) == (1, "halted", 1)
    repeat = str((await letters_about(door, who, 2))[1]["letter_id"])
    assert (await said("quarantine", repeat, "--note", "a test of ours"))[1]["executed"] is False
    assert (await said("quarantine", repeat, "--note", "a test of ours", "--execute"))[0] == 0
    assert (await said("quarantine", name, "--note", "too late", "--execute"))[0] == 1
    _, shown = await said("show", repeat)
    assert (shown["state"], shown["came_of"], shown["history"][0]["note"]) == (
        "quarantined",
        name,
        "a test of ours",
    )
    assert not await door.rows("SELECT 1 FROM missing_messages WHERE wallet = %s AND ended_at IS NULL", who)
