"""Runs that are held, cut off, ended and judged; what they may reach."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from api.database import query
from ops.audit.topics import Span
from ops.bench.trades import put_trades, trade_bodies, wallet
from ops.replay import follow as following
from ops.replay.choice import Choice
from ops.replay.live import send_again
from ops.replay.outlet import Outlet
from ops.replay.run import BEGINNING, CHUNK, Taken, begin, go
from ops.replay.store import Runs, shadow
from ops.replay.window import Bounds
from ops.stack.environment import LOCAL_PARTITIONS
from schemas.enums import AddressType
from streams.kafka.guard import Received
from tests.replay.conftest import COUNT, LEADERS, WALLETS, Past, live_through

# What trades, holds keys or speaks with an exchange.
TRADING = (
    "streams.trading",
    "streams.venues",
    "streams.keys",
    "streams.tables.orders",
    "polymarket",
    "requests",
)


async def test_a_run_cut_off_anywhere_ends_as_one_that_was_not(
    past: Past, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sent but not kept, then paused, then resumed: the same tables and the same topics, nothing twice on them."""
    whole = await past.replay()
    async with shadow(past.place.database_url) as connection:
        plan = await past.plan()
        await begin(connection, plan, "cut-off")
        sends = Outlet.send

        async def dies_behind_the_send(outlet: Outlet, *sent: Any) -> None:
            await sends(outlet, *sent)
            raise ConnectionError("cut off")

        with monkeypatch.context() as patch:
            patch.setattr(Outlet, "send", dies_behind_the_send)
            with pytest.raises(ConnectionError):
                await go(past.place, connection, "cut-off")
    async with shadow(past.place.database_url) as connection:
        await Runs(connection).want("cut-off", "pause")
        # The wish is of a run under way; one that begins takes it back.
        beginning: list[int] = []

        def wish(done: int, _total: int) -> None:
            if not beginning:
                beginning.append(done)
                past.world.run("UPDATE shadow.runs SET wanted = 'pause' WHERE run = 'cut-off'")

        held = await go(past.place, connection, "cut-off", told=wish)
        assert held.state == "paused"
        assert 0 < held.done <= 2 * CHUNK < COUNT
    async with shadow(past.place.database_url) as connection:
        ended = await go(past.place, connection, "cut-off")
    assert (ended.state, ended.done) == ("done", COUNT)
    assert ended.digests == whole.digests


async def test_an_aborted_run_stays_where_it_is(past: Past) -> None:
    """What it found is kept with its checkpoint; it does not go on, and two processes never work on one."""
    async with shadow(past.place.database_url) as connection, shadow(past.place.database_url) as other:
        await begin(connection, await past.plan(), "ended")

        def end(_done: int, _total: int) -> None:
            # As an operator's [Halt] at the console says it.
            asked = {"run": "ended", "free": False, "who": "ada", "why": "wrong window"}
            past.world.owner.execute(query("halt_replay"), asked)

        found = await go(past.place, connection, "ended", told=end)
        assert found.state == "aborted"
        assert found.done < COUNT
        kept = await Runs(connection).look("ended")
        assert sum(kept.checkpoint.values()) == found.done
        with pytest.raises(Taken, match="aborted"):
            await go(past.place, connection, "ended")
        await begin(connection, await past.plan(), "taken")
        assert await Runs(other).hold("taken")
        with pytest.raises(Taken, match="another process"):
            await go(past.place, connection, "taken")


async def test_a_window_in_the_middle_begins_with_the_ledgers_of_its_begin(past: Past) -> None:
    """By offsets on one partition: positions, numbers and bursts are those of then, or the messages would differ."""
    plan = await past.plan()
    part, span = max(plan.spans.items(), key=lambda each: each[1].end)
    middle = Bounds(span.end // 2, span.end - 3, frozenset({part}))
    found = await past.replay(middle)
    assert found.done == span.end - 3 - span.end // 2
    assert found.decisions > 0
    assert (found.differing, found.messages_differ) == ([], [])


async def test_filters_take_what_they_name(past: Past) -> None:
    """One leader, one follower: exactly the copy orders of both."""
    leader = wallet(1)
    found = await past.replay(
        choice=Choice(leaders=frozenset({leader}), followers=frozenset({f"A-all1-{leader[-4:]}-paper"}))
    )
    rows = past.world.rows(
        "SELECT count(*) AS n FROM copy_orders WHERE leader = %s AND user_id = 'all1'", leader
    )
    assert found.decisions == rows[0]["n"] > 0
    none = await past.replay(choice=Choice(roles=frozenset({AddressType.SMART_TRADER})))
    assert none.decisions == 0


def test_r32_the_shadows_role_writes_nothing_that_lives(past: Past) -> None:
    """The database refuses it: no copy order, no order, no money, and no look at a key."""
    with psycopg.connect(
        past.place.database_url, autocommit=True, options="-c role=polycool_shadow"
    ) as connection:
        for statement in (
            "INSERT INTO copy_orders SELECT * FROM copy_orders LIMIT 1", "UPDATE accounts SET cash_usdc = 0",
            "INSERT INTO orders SELECT * FROM orders LIMIT 1", "SELECT * FROM wallet_keys",
            "UPDATE trades SET size = 1", "DELETE FROM leader_decisions",
        ):  # fmt: skip
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)


def test_the_command_reaches_the_broker_and_the_database_and_no_exchange(past: Past) -> None:
    """All it imports has no key and no venue; all it connects to while it replays is the broker and the database."""
    program = """
import json, sys
reached = set()
def watch(event, args):
    if event == "socket.connect" and isinstance(args[1], tuple):
        reached.add(args[1][1])
sys.addaudithook(watch)
from ops.cli import run
code = run(["replay", "--execute", "--diff", "--set", "leader_min_usdc=20", "--name", "watched", "--json"])
print(json.dumps({"code": code, "reached": sorted(reached), "modules": sorted(sys.modules)}))
"""
    place = past.place
    environment = {
        "PATH": "/usr/bin:/bin", "POLYCOOL_KAFKA": place.kafka, "POLYCOOL_DATABASE_URL": place.database_url,
        "POLYCOOL_TOPIC_PREFIX": place.names.prefix, "POLYCOOL_PARTITIONS": str(LOCAL_PARTITIONS),
    }  # fmt: skip
    before = past.world.rows("SELECT count(*) AS n FROM copy_orders"), past.world.rows("SELECT 1 FROM orders")
    ran = subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
        check=True,
    )
    answered, seen = map(json.loads, ran.stdout.splitlines()[-2:])
    assert seen["code"] == 1, "a decision differs"
    assert answered["differ"] > 0
    ours = {int(place.kafka.rpartition(":")[2]), int(str(conninfo_to_dict(place.database_url)["port"]))}
    assert set(seen["reached"]) <= ours
    assert [name for name in seen["modules"] if name.startswith(TRADING)] == []
    after = past.world.rows("SELECT count(*) AS n FROM copy_orders"), past.world.rows("SELECT 1 FROM orders")
    assert after == before


def test_live_topics_are_refused_without_a_second_flag(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 1 and a sentence, before anything is looked at."""
    from ops.cli import run

    assert run(["replay", "--live-topics", "--execute"]) == 1
    assert "--old-news-is-not-traded" in capsys.readouterr().err


async def test_what_is_sent_onto_the_living_topic_again_is_decided_no_second_time(past: Past) -> None:
    """The same bytes on the same partition; the living stages answer them with what is stored."""
    plan = await past.plan(Bounds(0, 40, frozenset({0})))
    ends = (await past.plan(Bounds(partitions=frozenset({0})))).spans[0].end
    before = past.world.rows("SELECT count(*) AS n FROM copy_orders")
    sent = await send_again(past.place.kafka, plan, Choice(), rate=None, told=lambda _done, _total: None)
    again = await past.records({0: Span(ends, ends + sent)})
    first = await past.records({0: Span(0, 40)})
    assert [(each.key, each.value) for each in again] == [(each.key, each.value) for each in first]
    await live_through(past, again, [wallet(number) for number in range(LEADERS)])
    assert past.world.rows("SELECT count(*) AS n FROM copy_orders") == before
    # And the window that holds them twice is decided as it was.
    found = await past.replay(Bounds(partitions=frozenset({0})))
    assert found.differ == 0


async def test_a_version_in_the_shadow_is_judged(past: Past, monkeypatch: pytest.MonkeyPatch) -> None:
    """It decides what the living one decides while it follows; the same code is go, a changed rule no-go by reason."""
    begun = datetime.now(UTC) - timedelta(seconds=1)
    async with shadow(past.place.database_url) as connection:
        await following.start(past.place, connection, "same", Choice())
        await following.start(past.place, connection, "changed", Choice(settings={"leader_min_usdc": "20"}))
        before = {record.value for record in await past.records()}
        bodies = [body for body in trade_bodies(COUNT + 240, WALLETS) if body[1] not in before][-240:]
        await put_trades(past.place.kafka, past.place.names, bodies, LOCAL_PARTITIONS)
        new: list[Received] = [r for r in await past.records() if r.appended_at >= begun][-240:]
        await live_through(past, new, [wallet(number) for number in range(LEADERS)])
        monkeypatch.setattr(following, "PATIENCE", timedelta(0))
        for run in ("same", "changed"):
            await following.follow(past.place, connection, run, until=lambda kept: kept.done >= len(new))
        go_, no_go = [
            await following.judge(connection, run, since=begun, at_least=50) for run in ("same", "changed")
        ]
        few = await following.judge(connection, "same", since=begun)
        assert (go_.go, go_.missing) == (True, 0)
        assert go_.decisions == no_go.decisions > 50
        assert not no_go.go
        assert {each.now for each in no_go.differing} == {"LEADER_TRADE_SMALL"}
        meant = {f"{each.then}>{each.now}": each.decisions for each in no_go.differing}
        assert (await following.judge(connection, "changed", since=begun, at_least=50, allowed=meant)).go
        assert few.go == (few.decisions >= following.AT_LEAST)
        assert not (await following.judge(connection, "same", since=begun, at_least=10_000)).go
        monkeypatch.setattr(following, "code_version", lambda: "another")
        with pytest.raises(Taken, match="begin another"):
            await following.follow(past.place, connection, "same")
        assert (await Runs(connection).compared("same", BEGINNING))[0] == go_.decisions
