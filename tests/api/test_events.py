"""Server-sent events: nobody hears of another's, nothing is missed or told twice, whoever was away is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from api.events import telling
from api.events.past import Past
from api.events.places import Event, Place, event_id, read_id
from tests.api.conftest import LEADER, OTHER, Ask, Face
from tests.api.streams import listening
from tests.waiting import eventually

MINE = ("copy", "position", "allocation", "notice")
NOW = datetime(2026, 9, 3, 12, tzinfo=UTC)
_NOTICE = "INSERT INTO notifications (user_id, kind, event, body) VALUES (%s, 'x', %s, '{}')"
_NOTICE_OF = "INSERT INTO notifications (user_id, kind, event, body) VALUES (%(user)s, 'x', %(event)s, '{}')"


def _event(number: int, *, minutes_ago: float = 0.0) -> Event:
    return Event(Place(number, "c", number), NOW - timedelta(minutes=minutes_ago), "U-1", "copy", "{}")


def test_an_id_is_read_as_it_was_written() -> None:
    """Place and time, to the millisecond; what is none of ours is none."""
    place = Place(812_345, "c", 77)
    assert read_id(event_id(place, NOW)) == (place, NOW)
    assert read_id(event_id(Place(812_345), NOW)) == (Place(812_345), NOW)
    for text in ("", "1", "a-b-c-d", "1-2-c-3-4", "1-2-cc-3", "9" * 30 + "-1-c-1", "1-" + "9" * 19 + "-c-1"):
        assert read_id(text) is None, text


def test_the_past_says_when_it_is_not_whole() -> None:
    """Ten minutes are told again; older, or before what was let go, is not."""
    past = Past(most=3)
    past.add([_event(number, minutes_ago=9) for number in range(1, 4)], NOW)
    found = past.after(Place(1, "c", 1), NOW - timedelta(minutes=9), NOW)
    assert found is not None
    assert [event.place.id for event in found] == [2, 3]
    assert past.after(Place(1, "c", 1), NOW - timedelta(minutes=11), NOW) is None
    past.add([_event(4), _event(5)], NOW)
    assert past.after(Place(1, "c", 1), NOW - timedelta(minutes=9), NOW) is None
    found = past.after(Place(2, "c", 2), NOW - timedelta(minutes=9), NOW)
    assert found is not None
    assert [event.place.id for event in found] == [3, 4, 5]


async def test_nobody_hears_of_anothers(face: Face, ask: Ask) -> None:
    """Both users change much; each hears their own, in order, and nothing else."""
    alice, bob = await face.new_user("Alice"), await face.new_user("Bob")
    async with listening(face, "/v1/me/events", alice) as hers, listening(face, "/v1/me/events", bob) as his:
        assert ((await hers.next()).name, (await his.next()).name) == ("beat", "beat")
        theirs = await face.follow(bob, OTHER)
        await ask(_NOTICE_OF, user=bob, event="b")
        mine = await face.follow(alice, LEADER)
        await ask(_NOTICE_OF, user=alice, event="a")

        of_alice = await hers.several(2, *MINE)
        of_bob = await his.several(2, *MINE)

    assert [(each.name, each.data.get("allocation_id", each.data.get("event"))) for each in of_alice] == [
        ("allocation", mine["allocation_id"]), ("notice", "a"),
    ]  # fmt: skip
    assert [(each.name, each.data.get("allocation_id", each.data.get("event"))) for each in of_bob] == [
        ("allocation", theirs["allocation_id"]), ("notice", "b"),
    ]  # fmt: skip
    assert of_alice[0].data["state"] == "active"


async def test_whoever_was_away_hears_what_was_missed_once(face: Face, ask: Ask) -> None:
    """Taken up again with Last-Event-ID, also at a moment when nothing had happened yet."""
    alice = await face.new_user("Alice")
    async with listening(face, "/v1/me/events", alice) as stream:
        first = await stream.next()
    assert first.id is not None
    for name in "abc":
        await ask(_NOTICE_OF, user=alice, event=name)

    async with listening(face, "/v1/me/events", alice, after=first.id) as stream:
        heard = await stream.several(3, "notice", "reset")
        assert [each.data.get("event") for each in heard] == ["a", "b", "c"]
    async with listening(face, "/v1/me/events", alice, after=heard[1].id) as stream:
        again = await stream.until("notice", "reset")
    assert (again.name, again.data.get("event"), again.id) == ("notice", "c", heard[2].id)


async def test_too_long_ago_begins_anew(face: Face) -> None:
    """Over ten minutes, or an id that is none: `reset` first, with an id to go on from."""
    alice = await face.new_user("Alice")
    old = event_id(Place(3, "c", 4), datetime.now(UTC) - timedelta(minutes=11))
    for after in (old, "gibberish"):
        async with listening(face, "/v1/me/events", alice, after=after) as stream:
            heard = await stream.until("reset", *MINE)
            assert (heard.name, heard.id is not None) == ("reset", True)


async def test_what_commits_late_is_not_missed(face: Face, database_url: str) -> None:
    """A row with a lower number that becomes visible after a higher one: told, once, and in the order that a resuming
    reader is told."""
    alice = await face.new_user("Alice")
    async with (
        listening(face, "/v1/me/events", alice) as stream,
        await psycopg.AsyncConnection.connect(database_url) as slow,
        await psycopg.AsyncConnection.connect(database_url, autocommit=True) as quick,
    ):
        first = await stream.next()
        await slow.execute(_NOTICE, (alice, "slow"))
        for name in ("quick-1", "quick-2"):
            await quick.execute(_NOTICE, (alice, name))
        # Nobody is told of the quick ones before it is sure what stands before them.
        waiting = asyncio.create_task(stream.several(3, "notice"))
        done, _ = await asyncio.wait({waiting}, timeout=4 * 0.25)
        assert not done
        await slow.commit()
        told = [each.data["event"] for each in await waiting]
    assert told == ["slow", "quick-1", "quick-2"]
    assert first.id is not None
    async with listening(face, "/v1/me/events", alice, after=first.id) as stream:
        assert [each.data["event"] for each in await stream.several(3, "notice")] == told


@asynccontextmanager
async def _several(face: Face, user: str, count: int) -> AsyncIterator[None]:
    async with AsyncExitStack() as opened:
        # A stream that nobody holds is closed.
        held = [
            await opened.enter_async_context(listening(face, "/v1/me/events", user)) for _ in range(count)
        ]
        for stream in held:
            assert (await stream.next()).name == "beat"
        yield


async def test_streams_are_limited_per_user_and_given_back(face: Face) -> None:
    """The sixth is 429; one that was closed makes room."""
    alice, bob = await face.new_user("Alice"), await face.new_user("Bob")
    async with _several(face, alice, face.settings.api_streams_per_user):
        async with face.http.stream("GET", "/v1/me/events", headers=face.acting(alice)) as refused:
            assert refused.status_code == 429
        async with listening(face, "/v1/me/events", bob) as stream:
            assert (await stream.next()).name == "beat"

    async def room() -> bool:
        async with listening(face, "/v1/me/events", alice) as again:
            return (await again.next()).name == "beat"

    assert await eventually(room)


async def test_operators_hear_all_and_the_picture_each_second(face: Face, ask: Ask) -> None:
    """pipeline with and without changes; switches, dead letters and everybody's copies, `unknown` by its own name."""
    alice = await face.new_user("Alice")
    following = await face.follow(alice, LEADER)
    async with listening(face, "/v1/ops/events") as stream:
        picture = await stream.until("pipeline")
        assert picture.data["buys_stopped"] is False
        await face.http.put("/v1/ops/switches/buys", json={"stopped": True, "reason": "an incident"})
        assert (await stream.until("switch")).data["note"] == "an incident"
        await ask(
            "INSERT INTO shadow.runs (run, kind, plan, manifest, total) VALUES ('a-run', 'replay', 'P-1', '{}', 9)"
        )
        assert (await stream.until("replay")).data["state"] == "running"
        await ask(
            "INSERT INTO copy_orders (copy_order_id, trade_id, allocation_id, allocation_version, user_id, account_id,"
            " leader, number, venue, side, token_id, state, cause, traded_at, appended_at, decided_at, times,"
            " amount_usdc, reserve_usdc, limit_price) SELECT 'C-1', 't', allocation_id, 1, user_id, account_id, leader,"
            " 1, 'paper', 'BUY', '7', 'planned', 'x', now(), now(), now(), '{}', 1, 1, 0.5"
            " FROM copy_trading_allocations WHERE allocation_id = %(name)s", name=following["allocation_id"],
        )  # fmt: skip
        assert (await stream.until("copy", "unknown")).data["state"] == "planned"
        await ask("UPDATE copy_orders SET state = 'unknown' WHERE copy_order_id = 'C-1'")
        heard = await stream.until("copy", "unknown")
        assert (heard.name, heard.data["state"], heard.data["state_before"]) == (
            "unknown",
            "unknown",
            "planned",
        )
        pictures = await stream.several(4, "pipeline")
        assert pictures[-1].data["buys_stopped"] is True


async def test_a_silent_stream_beats(face: Face, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each beat carries an id that can be taken up from."""
    monkeypatch.setattr(telling, "BEAT_SECONDS", 0.3)
    alice = await face.new_user("Alice")
    async with listening(face, "/v1/me/events", alice) as stream:
        beats = await stream.several(3, "beat")
    assert all(each.id for each in beats)
