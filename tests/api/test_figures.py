"""The lists behind the console's numbers: each holds what its number counts, and nobody else's."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from aiokafka import AIOKafkaProducer

from ops.stack.local import Stack
from schemas.trades import LeaderTraded
from streams.copy_execution.agent import CopyExecution
from streams.topology import TRADES, TopicNames
from tests.api.conftest import ALICE, BOB, LEADER, OTHER, Ask, Face
from tests.api.test_standing import keep
from tests.copy_execution.world import TOKEN, World, received

_ORDER = (
    "INSERT INTO orders (order_hash, copy_order_id, attempt, account_id, venue, side, token_id, order_type,"
    " amount_usdc, limit_price, body, state, cause, worker_epoch, answered_at) VALUES (%(hash)s, %(copy)s, %(attempt)s,"
    " %(account)s, 'paper', 'BUY', '7', 'FAK', 5, 0.5, '', %(state)s, 'x', 1, now())"
)


async def _items(face: Face, path: str, **parameters: Any) -> list[dict[str, Any]]:
    """All rows of a list, two at a time."""
    rows: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await face.http.get(f"/v1/ops/{path}", params={"limit": 2, **cursor, **parameters})).json()
        rows += page["items"]
        if page["next_cursor"] is None:
            return rows
        cursor = {"cursor": page["next_cursor"]}


async def test_what_a_follower_has_at_work_opens(
    face: Face, world: World, deciding: CopyExecution, ask: Ask
) -> None:
    """The sum of the open positions is the number; result, followings, delays, copies and orders are of that account
    alone, though the person has another and others have theirs."""
    world.market()
    world.leader(LEADER)
    paper, bobs = world.account(ALICE), world.account(BOB)
    following = world.follow(paper, LEADER)
    world.follow(bobs, LEADER)
    for token, cost in (("77", "5"), ("78", "7"), ("79", "1")):
        world.lot(following, token, cost=cost)
    await ask(
        "UPDATE lots SET shares = 0, cost_usdc = 0, realised_usdc = -2, closed_at = now(), closed_by = 'sold'"
        " WHERE token_id = '79'"
    )
    await deciding.handle(received([keep(world, world.message(LEADER))]))
    told = (await face.get("/v1/ops/followers")).json()["items"]
    [alice] = [each for each in told if each["account_id"] == paper]
    held = await _items(face, "positions", account=paper, open=True)
    assert [each["cost_usdc"] for each in held] == ["7", "5"]
    assert sum(Decimal(each["cost_usdc"]) for each in held) == Decimal(alice["at_work_usdc"])
    all_lots = await _items(face, "positions", account=paper)
    assert sum(Decimal(each["realised_usdc"]) for each in all_lots) == Decimal(alice["realised_usdc"]) == -2
    assert len(await _items(face, "followings", account=paper)) == alice["followings"] == 1
    assert {each["account_id"] for each in await _items(face, "followings", wallet=LEADER)} == {paper, bobs}
    [copy] = await _items(face, "copy-orders", user=ALICE, account=paper, state="planned")
    assert await _items(face, "copy-orders", user=ALICE, account=bobs) == []
    await ask(_ORDER, hash="0xa", copy=copy["copy_order_id"], attempt=1, account=paper, state="unknown")
    assert [each["order_hash"] for each in await _items(face, "orders", account=paper, open=True)] == ["0xa"]
    assert await _items(face, "orders", account=bobs, open=True) == []
    assert await _items(face, "orders", account=paper, open=False) == []
    [slow] = (await face.get("/v1/ops/delays", account=paper)).json()
    assert slow["copy_order_id"] == copy["copy_order_id"]
    assert (await face.get("/v1/ops/delays", account=bobs)).json() == []
    assert await _items(face, "followers", armed=True) == []
    assert len(await _items(face, "followers", armed=False)) == 2


async def test_what_was_bought_twice_opens(face: Face, world: World, ask: Ask) -> None:
    """The database lets no second BUY of a copy in; with that guard gone both orders are shown, and no other."""
    account = world.account(ALICE)
    await ask("DROP INDEX orders_one_buy")
    for name, copy, attempt in (("0xa", "C-1", 1), ("0xb", "C-1", 2), ("0xc", "C-2", 1)):
        await ask(_ORDER, hash=name, copy=copy, attempt=attempt, account=account, state="matched")
    assert (await face.get("/v1/ops/pipeline")).json()["bought_twice"] == 1
    twice = await _items(face, "orders", twice=True)
    assert [(each["order_hash"], each["copy_order_id"]) for each in twice] == [("0xb", "C-1"), ("0xa", "C-1")]


async def test_the_gaps_of_a_leader_open_with_their_ranges(
    face: Face, world: World, deciding: CopyExecution, ask: Ask
) -> None:
    """Between which messages and blocks a sale came from nowhere; blocks in which nobody's trade came; a leader's
    trades are all there, also those that called for no copy."""
    for leader in (LEADER, OTHER):
        world.leader(leader)
    said = [
        world.message(LEADER, size="10", block_number=1000),
        world.message(LEADER, size="5", block_number=1010, token="88"),
        world.message(LEADER, "SELL", size="14", block_number=2000, gap="4"),
        world.message(OTHER, size="5", block_number=2010),
    ]
    for message in said:
        _with_message(world, message)
    await deciding.handle(received(said))
    await ask(
        "INSERT INTO leader_positions (wallet, token_id, shares, gap, unsure, number) VALUES"
        " (%(leader)s, %(token)s, 0, 4, true, 3), (%(leader)s, '88', 5, 0, false, 2)",
        leader=LEADER, token=TOKEN,
    )  # fmt: skip
    [seen] = [
        each for each in (await face.get("/v1/ops/leaders")).json()["items"] if each["wallet"] == LEADER
    ]
    gaps = (await face.get(f"/v1/ops/leaders/{LEADER}/gaps")).json()
    assert len(gaps) == seen["gaps"] == 1
    [range_] = gaps[0]["ranges"]
    assert {name: range_[name] for name in ("shares", "after_number", "number", "first_block", "last_block")} == {
        "shares": "4", "after_number": 1, "number": 3, "first_block": 1000, "last_block": 2000,
    }  # fmt: skip
    assert (await face.get(f"/v1/ops/leaders/{OTHER}/gaps")).json() == []
    silent = (await face.get("/v1/ops/silences")).json()
    assert [(each["first_block"], each["last_block"], each["blocks"]) for each in silent] == [
        (1011, 1999, 989)
    ]
    trades = await _items(face, f"leaders/{LEADER}/trades")
    assert [each["number"] for each in trades] == [3, 2, 1]
    assert len(trades) == seen["trades"]
    assert {each["allocations"] for each in trades} == {0}


def _with_message(world: World, message: LeaderTraded) -> None:
    keep(world, message)
    world.run("UPDATE trades SET leader_message = %s WHERE trade_id = %s", message.encode(), message.trade_id)


async def test_the_copies_behind_what_skips_would_have_earned_open(
    face: Face, world: World, deciding: CopyExecution, ask: Ask
) -> None:
    """Their sum is the number, and those without a price are counted but not valued."""
    world.leader(LEADER)
    for token in (TOKEN, "88"):
        world.market(token)
    world.follow(world.account(ALICE), LEADER, max_price="0.3", fixed_amount_usdc="5")
    said = [
        world.message(LEADER, price="0.5"),
        world.message(LEADER, price="0.4"),
        world.message(LEADER, token="88"),
    ]
    for message in said:
        keep(world, message)
    await deciding.handle(received(said))
    await ask("INSERT INTO token_prices VALUES ('paper', %(token)s, 0.6, 0.61, 100, 100, now())", token=TOKEN)
    [worth] = (await face.get("/v1/ops/skips")).json()
    assert (worth["reason"], worth["copies"], worth["valued"]) == ("PRICE_BAND", 3, 2)
    assert len(await _items(face, "skips/PRICE_BAND")) == 3
    valued = await _items(face, "skips/PRICE_BAND", valued=True)
    assert sorted(each["would_be_usdc"] for each in valued) == ["1", "2.5"]
    assert sum(Decimal(each["would_be_usdc"]) for each in valued) == Decimal(worth["would_be_usdc"])
    assert await _items(face, "skips/BALANCE") == []


async def test_a_partition_opens_with_its_oldest_unread_message(
    gateway: Face, stack: Stack, topics: TopicNames
) -> None:
    """Offsets as the broker has them; nothing is committed, so the first message is the oldest unread. What is not of
    the way is 404."""
    async with AIOKafkaProducer(bootstrap_servers=stack.kafka) as producer:
        for value in (b"{}", b"{ }"):
            await producer.send_and_wait(topics.of(TRADES), value, key=b"k", partition=0)
    told = (await gateway.get("/v1/ops/lags/trades/0")).json()
    assert (told["first"], told["end"], told["committed"], told["behind"]) == (0, 2, None, None)
    oldest = told["oldest_unread"]
    assert (oldest["offset"], oldest["key"], oldest["size"]) == (0, "k", 2)
    assert 0 <= Decimal(oldest["age_seconds"]) < 600
    assert (await gateway.get("/v1/ops/lags/trades/1")).json()["oldest_unread"] is None
    for path in ("trades/99", "copy_results/0"):
        assert (await gateway.get(f"/v1/ops/lags/{path}")).status_code == 404


async def test_a_name_that_no_row_can_have_is_refused_not_a_fault(face: Face) -> None:
    """A byte that no table holds never reaches one."""
    for path in ("delays", "positions", "orders", "copy-orders", "audit"):
        assert (await face.get(f"/v1/ops/{path}", account="a\x00b")).status_code == 422, path
