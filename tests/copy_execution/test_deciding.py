"""Each trade of a leader is answered once for every follower."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import orjson
import pytest

from schemas.copies import CopyFinished
from schemas.enums import CopyState, Reason, Side, TradeKind, Venue
from streams.copy_execution.agent import CopyExecution
from streams.copy_execution.answers import DecidedAs
from streams.tables.pool import Pool
from tests.copy_execution.world import ANY_SOURCE, World, clock, received, wallet


async def test_a_buy_is_planned_for_each_follower(world: World, deciding: CopyExecution) -> None:
    """Amount, limit, reserve and deadline stand in the row, with the inputs, the checks and the times of each stage."""
    leader = world.leader(wallet(1))
    world.market()
    names = [world.follow(world.account(f"u{n}"), leader) for n in range(3)]
    message = world.message(leader)

    handled = await deciding.handle(received([message]))

    assert not handled.dead
    copies = world.copies()
    assert [copy["allocation_id"] for copy in copies] == sorted(names)
    for copy in copies:
        assert (copy["state"], copy["reason"], copy["taken_up"]) == ("planned", None, True)
        assert copy["amount_usdc"] == 5
        assert copy["limit_price"] == Decimal("0.52")
        assert copy["reserve_usdc"] == Decimal("5.26")
        assert (copy["deadline"] - copy["traded_at"]).total_seconds() == 60
        assert set(copy["times"]) == {"appended", "classified", "received", "locked", "decided"}
        assert copy["checks"][0][:2] == ["OWN_WALLET", True]
        assert copy["inputs"]["cash_usdc"] == "1000"
        assert copy["market_id"]
        assert copy["ended_at"] is None
    decided = world.rows("SELECT * FROM leader_decisions")
    assert [(row["number"], row["allocations"], row["kind"]) for row in decided] == [(1, 3, "trade")]
    transitions = world.rows("SELECT * FROM copy_order_transitions")
    assert {row["to_state"] for row in transitions} == {"planned"}


async def test_a_skip_is_told_on_the_topic_of_results(world: World, deciding: CopyExecution) -> None:
    """What ends with its decision goes into the outbox, keyed by the follower, as the message's model writes it."""
    leader = world.leader(wallet(1))
    world.market(closed=True)
    world.follow(world.account("ann"), leader)

    await deciding.handle(received([world.message(leader)]))

    (copy,) = world.copies()
    assert (copy["state"], copy["reason"]) == ("skipped", "MARKET_CLOSED")
    assert copy["ended_at"] is not None
    (sent,) = world.rows("SELECT * FROM outbox")
    assert (sent["topic"], sent["key"]) == ("copy_results", copy["follower"])
    finished = CopyFinished.decode(bytes(sent["value"]))
    assert bytes(sent["value"]) == finished.encode()
    assert finished.copy_order_id == copy["copy_order_id"]
    assert finished.reason == "MARKET_CLOSED"


async def test_what_was_committed_is_counted_by_outcome(world: World, pool: Pool) -> None:
    """Whoever counts hears of each transaction once, and of a redelivery nothing."""
    leader = world.leader(wallet(1))
    world.market()
    for name, state in (("ann", "active"), ("bob", "active"), ("cid", "paused")):
        world.follow(world.account(name), leader, state=state)
    heard: list[Mapping[DecidedAs, int]] = []
    counting = CopyExecution(pool, ANY_SOURCE, clock, heard.append)
    batch = received([world.message(leader)])

    await counting.handle(batch)
    await counting.handle(batch)

    paper, buy = Venue.PAPER, Side.BUY
    assert heard == [
        {(paper, buy, CopyState.PLANNED, None): 2, (paper, buy, CopyState.SKIPPED, Reason.PAUSED): 1}
    ]


async def test_redelivery_gives_no_second_row_and_no_change(world: World, deciding: CopyExecution) -> None:
    """A batch that comes again, whole or in part, or twice in one batch, changes nothing."""
    leader = world.leader(wallet(1))
    world.market()
    world.follow(world.account("ann"), leader)
    messages = [world.message(leader), world.message(leader, ago=0.5), world.message(leader, "SELL", "50")]
    await deciding.handle(received([*messages, *messages]))
    before = _everything(world)
    assert len(world.copies()) == 3

    for again in (messages, messages[1:], [*messages, *reversed(messages)]):
        handled = await deciding.handle(received(again))
        assert not handled.dead

    assert _everything(world) == before


async def test_a_sell_waits_behind_an_open_buy_and_later_trades_behind_it(
    world: World, deciding: CopyExecution
) -> None:
    """The SELL waits for the BUY's end; what comes after waits for the SELL, in this token alone."""
    leader = world.leader(wallet(1))
    other = world.market("999")
    world.market()
    world.follow(world.account("ann"), leader)
    messages = [
        world.message(leader),
        world.message(leader, "SELL", "50"),
        world.message(leader, ago=0.2, burst_started_at=clock()),
        world.message(leader, token=other),
    ]

    await deciding.handle(received(messages[:2]))
    await deciding.handle(received(messages[2:]))

    assert [copy["state"] for copy in world.copies()] == ["planned", "waiting", "waiting", "planned"]


async def test_other_kinds_yield_no_copy_order_and_tell_who_holds(
    world: World, deciding: CopyExecution
) -> None:
    """A redeem that ends the leader's position is told to who holds a lot, and ends what was carried."""
    leader = world.leader(wallet(1))
    world.market()
    holding = world.follow(world.account("ann"), leader)
    carrying = world.follow(world.account("bob"), leader, fixed_amount_usdc="1", min_trade_usdc="3")
    world.lot(holding)
    await deciding.handle(received([world.message(leader, ago=30)]))
    assert [row["allocation_id"] for row in world.rows("SELECT * FROM carried")] == [carrying]

    await deciding.handle(received([world.message(leader, "SELL", "100", kind=TradeKind.REDEEM)]))

    assert len(world.copies()) == 2
    assert world.rows("SELECT * FROM carried") == []
    (notice,) = world.rows("SELECT * FROM notifications")
    assert (notice["user_id"], notice["kind"]) == ("ann", "leader_left_otherwise")
    assert notice["body"]["how"] == "redeem"
    assert notice["body"]["share"] == "1"
    assert [row["allocations"] for row in world.rows("SELECT * FROM leader_decisions ORDER BY number")] == [
        2,
        0,
    ]


@pytest.mark.parametrize(
    ("moved", "told"),
    [("99.9", []), ("100", ["0.1"]), ("990", ["0.99"])],
    ids=["under a tenth", "a tenth", "nearly all"],
)
@pytest.mark.parametrize("kind", [TradeKind.TRANSFER, TradeKind.MERGE])
async def test_r28_moving_a_tenth_or_more_away_is_told_with_its_share(
    world: World, deciding: CopyExecution, kind: TradeKind, moved: str, told: list[str]
) -> None:
    """A transfer out or a merge is no sale: nothing is sold, who holds a lot hears of it, nobody else does."""
    leader = world.leader(wallet(1))
    world.market()
    world.lot(world.follow(world.account("ann"), leader))
    world.follow(world.account("bob"), leader)

    message = world.message(leader, "SELL", moved, kind=kind, before="1000")
    await deciding.handle(received([message]))
    await deciding.handle(received([message]))

    assert world.copies() == []
    notices = world.rows("SELECT * FROM notifications")
    assert [(each["user_id"], each["kind"], each["body"]["share"]) for each in notices] == [
        ("ann", "leader_moved_otherwise", share) for share in told
    ]
    assert all(each["body"]["how"] == kind and each["body"]["held_shares"] == "10" for each in notices)


async def test_what_cannot_be_read_is_a_dead_letter_and_its_neighbours_go_on(
    world: World, deciding: CopyExecution
) -> None:
    """Garbage, a wrong key and a number that is another trade's; the message behind them is decided."""
    leader = world.leader(wallet(1))
    world.market()
    world.follow(world.account("ann"), leader)
    first, second = world.message(leader), world.message(leader, ago=20)
    batch = received([first, first.model_copy(update={"trade_id": "other-1"}), second])
    garbage = batch[0]._replace(value=b"\xff{")
    stranger = batch[0]._replace(key=wallet(9).encode())

    handled = await deciding.handle([garbage, stranger, *batch])

    reasons = [str(dead.reason) for dead in handled.dead]
    assert reasons == ["UNREADABLE", "WRONG_KEY", "CONFLICTING_DUPLICATE"]
    assert [copy["number"] for copy in world.copies()] == [1, 2]


def _everything(world: World) -> bytes:
    tables = ("copy_orders", "leader_decisions", "lots", "carried", "outbox", "copy_order_transitions")
    return orjson.dumps({table: sorted(map(str, world.rows(f"SELECT * FROM {table}"))) for table in tables})
