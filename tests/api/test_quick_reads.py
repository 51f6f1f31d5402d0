"""Lists that are answered quickly say the same as their views, in the same scope, whatever the filters."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import psycopg
import pytest
from psycopg_pool import PoolTimeout

from api.database import NOBODY, OPERATOR, Scope
from api.quick_reads import QuickReads, narrowed, planning
from schemas.base import rfc3339
from schemas.views import CopyOrderView, Page
from streams.copy_execution.agent import CopyExecution
from tests.api.conftest import ALICE, BOB, Ask, Face
from tests.copy_execution.world import World, received, wallet


@pytest.fixture
async def lists(database_url: str) -> AsyncIterator[QuickReads]:
    """One connection, so that what it kept would show."""
    opened = QuickReads(database_url, size=1, wait_seconds=5)
    await opened.open()
    yield opened
    await opened.close()


def test_a_query_is_narrowed_to_the_filters_that_are_asked_for() -> None:
    """Brackets within a filter stay whole; nothing else changes."""
    whole = narrowed("copies_said", frozenset())
    assert b"IS NULL OR" not in whole
    assert b"AND (c.state = ANY (%(states)s::text[]))" in whole
    assert b"AND ((c.appended_at, c.copy_order_id) < (%(at)s::timestamptz, %(id)s::text))" in whole
    first = narrowed("copies_said", frozenset({"states", "at", "id"}))
    assert b"%(states)s" not in first
    assert b"%(at)s" not in first
    assert b"(c.user_id = %(user_id)s::text)" in first


async def _copies(world: World, deciding: CopyExecution) -> None:
    leader = world.leader(wallet(1))
    world.market(question="Will “it” rain?", outcome="Yes")
    for name in (ALICE, BOB):
        world.follow(world.account(name), leader)
    await deciding.handle(received([world.message(leader, price=price) for price in ("0.5", "0.37", "0.99")]))


async def test_a_page_is_what_its_view_would_say(
    face: Face, world: World, deciding: CopyExecution, ask: Ask
) -> None:
    """Read by the view and said again it is the same JSON: decimals, nulls, in the order of the fields; times too,
    but for zeros at the end of a fraction. A text that looks like a time's end stays as it is."""
    await _copies(world, deciding)
    await ask("UPDATE copy_orders SET appended_at = date_trunc('second', appended_at) WHERE number = 2")
    await ask(
        'UPDATE markets SET question = \'Rain at "12:00+00:00"\', outcome = \',"traded_at":"12:00+00:00\''
    )

    for parameters in ({}, {"state": "planned"}, {"limit": 1}, {"wallet": wallet(1)}):
        answer = await face.http.get("/v1/copy-orders", params=parameters)
        page = Page[CopyOrderView].model_validate_json(answer.content)
        assert page.items, parameters
        assert json.loads(page.model_dump_json()) == _with_whole_times(answer.json())


def _with_whole_times(page: dict[str, Any]) -> dict[str, Any]:
    for copy in page["items"]:
        for name in ("traded_at", "seen_at", "decided_at", "ended_at"):
            said = copy[name]
            if said is not None:
                assert said.endswith("Z"), said
                copy[name] = rfc3339(datetime.fromisoformat(said))
    return page


async def test_a_scope_holds_for_its_query_and_for_nothing_after_it(
    lists: QuickReads, world: World, deciding: CopyExecution
) -> None:
    """The database keeps users apart here too; and the connection forgets for whom it asked."""
    await _copies(world, deciding)
    nothing = dict.fromkeys(
        ("user_id", "states", "reasons", "wallet", "allocation", "from_at", "to_at", "at", "id")
    )
    for scope, seen in (
        (Scope(ALICE), {ALICE}), (NOBODY, set()), (Scope(BOB), {BOB}), (OPERATOR, {ALICE, BOB}), (NOBODY, set()),
    ):  # fmt: skip
        found = await lists.rows(scope, "copies_said", rows=100, **nothing)
        assert {json.loads(row[0] or b"")["user_id"] for row in found.rows} == seen
        ((kept,),) = await lists.lanes.ask([(b"SELECT current_setting('polycool.user_id', true)", [])])
        assert not kept[0]


async def test_a_connection_that_died_is_not_noticed(
    lists: QuickReads, world: World, deciding: CopyExecution, database_url: str
) -> None:
    """As after a restart of the database: the list is read by a new connection."""
    await _copies(world, deciding)
    nothing = dict.fromkeys(
        ("user_id", "states", "reasons", "wallet", "allocation", "from_at", "to_at", "at", "id")
    )
    assert len((await lists.rows(OPERATOR, "copies_said", rows=100, **nothing)).rows) == 6
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as owner:
        await owner.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'polycool_api lists'"
            " AND datname = current_database()"
        )
    assert len((await lists.rows(OPERATOR, "copies_said", rows=100, **nothing)).rows) == 6


async def test_what_is_asked_wrongly_is_refused_as_everywhere(face: Face) -> None:
    """The short way takes what is right; the rest is answered by the framework, with each field."""
    for parameters, field in (
        ({"limit": 0}, "limit"), ({"state": "asleep"}, "state.0"), ({"wallet": "0x1"}, "wallet"),
        ({"from": "now"}, "from"), ({"cursor": "x" * 301}, "cursor"), ({"cursor": "none of ours"}, "cursor"),
    ):  # fmt: skip
        answer = await face.http.get("/v1/copy-orders", params=parameters)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid"), parameters
        assert [error["field"].removeprefix("query.") for error in answer.json()["errors"]] == [field]
    right = {"state": ["filled", "planned"], "limit": "3", "unknown": "1"}
    assert (await face.http.get("/v1/copy-orders", params=right)).status_code == 200
    nobody = await face.http.get("/v1/copy-orders", headers={"Authorization": "Bearer nonsense"})
    assert (nobody.status_code, nobody.json()["code"]) == (401, "not-signed-in")


async def test_a_list_of_copies_is_read_along_its_users_index(
    world: World, deciding: CopyExecution, database_url: str
) -> None:
    """Whatever the statistics say: never all rows of the table, nor all of a user to sort them."""
    await _copies(world, deciding)
    world.run("ANALYZE copy_orders")
    with psycopg.connect(database_url, options=planning()) as connection:
        names = ("states", "reasons", "wallet", "allocation", "from_at", "to_at", "at", "id")
        statement = narrowed("copies_said", frozenset(names))
        values = {"user_id": ALICE, "rows": 21}
        plan = "\n".join(row[0] for row in connection.execute(b"EXPLAIN " + statement, values).fetchall())
    assert "copy_orders_by_user" in plan
    assert "Sort" not in plan


async def test_what_the_database_refuses_leaves_the_lane_as_it_was(lists: QuickReads) -> None:
    """A fault of one question is that question's alone, also where its asker has gone meanwhile."""
    broken, right = (b"SELECT 1 / $1::int", [b"0"]), (b"SELECT 1 + $1::int", [b"1"])
    for _ in range(2):
        with pytest.raises(psycopg.errors.DivisionByZero):
            await lists.lanes.ask([right, broken])
        assert await lists.lanes.ask([right]) == [[(b"2",)]]
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await lists.lanes.ask([(b"SELECT pg_sleep(0.3)", [])])
    # There is one lane: it is free again once the answer nobody waits for has come.
    assert await asyncio.gather(*(lists.lanes.ask([right]) for _ in range(3))) == [[[(b"2",)]]] * 3


async def test_who_waits_too_long_for_a_lane_is_told(database_url: str) -> None:
    """All lanes are taken: refused after the time that is set, and the lane serves on."""
    busy = QuickReads(database_url, size=1, wait_seconds=0.2)
    await busy.open()
    await busy.lanes.ask([(b"SELECT 1", [])])
    long = asyncio.create_task(busy.lanes.ask([(b"SELECT pg_sleep(1)", [])]))
    await asyncio.sleep(0)
    with pytest.raises(PoolTimeout):
        await busy.lanes.ask([(b"SELECT 1", [])])
    assert len(await long) == 1
    await busy.close()
