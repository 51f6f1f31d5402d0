"""What is looked at once more right before a POST: age, states, switches, clocks (DESIGN §8, SAFETY R7, R11, R17)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from streams.venues.clob import ClobVenue
from tests.copy_execution.world import TOKEN
from tests.trading.ground import LEADER, Ground
from tests.waiting import eventually

MARKETS = {"deed": "wait_before", "method": "PUT", "path": "/paper/admin/markets", "seconds": 1.5, "times": 1}


async def _held_before_its_post(ground: Ground, then: Callable[[], None], *, sell: bool = False) -> None:
    """A signed order is held up right before its last look; meanwhile ``then`` happens."""
    await ground.start()
    await ground.followers()
    if sell:
        await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.5"))
        await ground.all_ended()
    # What watches prices tells a changed market too, and may be there before the sale.
    await ground.conduct(MARKETS | {"times": 2} if sell else MARKETS)
    if sell:
        ground.world.run("UPDATE markets SET version = version + 1")
    await ground.leader_trades(ground.world.message(LEADER, "SELL" if sell else "BUY", "100", "0.5"))
    await eventually(lambda: [order["state"] for order in ground.orders()][-1:] == ["signed"])
    then()


def _set_state(ground: Ground, state: str) -> Callable[[], None]:
    ended = ", ended_at = now()" if state == "ended" else ""
    return lambda: ground.world.run(f"UPDATE copy_trading_allocations SET state = '{state}'{ended}")


def _stop(ground: Ground, name: str, stopped: bool = True) -> Callable[[], None]:
    return lambda: ground.world.run("UPDATE switches SET stopped = %s WHERE name = %s", stopped, name)


@pytest.mark.parametrize(
    ("what", "reason"),
    [("paused", "PAUSED"), ("closing", "PAUSED"), ("ended", "FOLLOWING_ENDED"), ("buys", "BUYS_STOPPED"),
     ("halt", "BUYS_STOPPED"), ("closed", "MARKET_CLOSED")],
)  # fmt: skip
async def test_r11_a_buy_is_stopped_until_the_last_moment(ground: Ground, what: str, reason: str) -> None:
    """Stopped between signature and POST: nothing is sent, the plan is skipped, its order dropped, the reserve free."""
    then = {
        "buys": _stop(ground, "buys"),
        "halt": _stop(ground, "halt"),
        "closed": lambda: ground.world.run("UPDATE markets SET closed = true"),
    }.get(what) or _set_state(ground, what)
    await _held_before_its_post(ground, then)
    (copy,) = await ground.all_ended()
    assert (copy["state"], copy["reason"]) == ("skipped", reason)
    assert [(order["state"], order["posts"]) for order in ground.orders()] == [("dropped", 0)]
    assert ground.placed() == []
    open_reserves = ground.world.rows("SELECT 1 FROM copy_orders WHERE ended_at IS NULL AND reserve_usdc > 0")
    assert open_reserves == []


@pytest.mark.parametrize("what", ["paused", "closing", "buys"])
async def test_r11_pause_and_kill_switch_never_stop_a_sell(ground: Ground, what: str) -> None:
    """An exit under way goes out all the same (RULES §4)."""
    then = _stop(ground, "buys") if what == "buys" else _set_state(ground, what)
    await _held_before_its_post(ground, then, sell=True)
    copies = await ground.all_ended()
    assert [copy["state"] for copy in copies] == ["filled", "filled"]
    await ground.assert_books_agree()


async def test_r11_an_ended_following_sells_nothing_any_more(ground: Ground) -> None:
    """[Stop, keep positions]: the SELL under way is skipped, the lot stays."""
    await _held_before_its_post(ground, _set_state(ground, "ended"), sell=True)
    copies = await ground.all_ended()
    assert [(copy["state"], copy["reason"]) for copy in copies] == [
        ("filled", None),
        ("skipped", "FOLLOWING_ENDED"),
    ]
    assert [lot["closed_at"] for lot in ground.lots()] == [None]
    assert len(ground.placed()) == 1


async def test_r11_what_waits_or_is_planned_ends_with_the_following(ground: Ground) -> None:
    """Nobody signs for an ended following: planned and waiting orders end FOLLOWING_ENDED."""
    worker = await ground.start()
    await ground.followers()
    await ground.stop(worker)
    world = ground.world
    await ground.leader_trades(
        world.message(LEADER, "BUY", "100", "0.5"), world.message(LEADER, "SELL", "50", "0.5")
    )
    assert [copy["state"] for copy in ground.copies()] == ["planned", "waiting"]
    _set_state(ground, "ended")()
    await ground.start()
    copies = await ground.all_ended()
    assert {(copy["state"], copy["reason"]) for copy in copies} == {("skipped", "FOLLOWING_ENDED")}
    assert ground.placed() == []


async def test_r13_under_halt_nothing_is_posted_and_sells_wait_unharmed(ground: Ground) -> None:
    """`halt`: no POST; after it the SELL goes."""
    await _held_before_its_post(ground, _stop(ground, "halt"), sell=True)
    await eventually(lambda: ground.world.rows("SELECT 1 FROM markets WHERE version > 1"))
    looked = ground.world.rows("SELECT count(*) AS n FROM order_transitions")[0]["n"]
    posts = [order["posts"] for order in ground.orders()]
    assert posts == [1, 0]
    assert [copy["state"] for copy in ground.copies()] == ["filled", "submitting"]
    _stop(ground, "halt", stopped=False)()
    copies = await ground.all_ended()
    assert [copy["state"] for copy in copies] == ["filled", "filled"]
    assert ground.world.rows("SELECT count(*) AS n FROM order_transitions")[0]["n"] > looked
    await ground.assert_books_agree()


async def test_an_old_plan_is_not_sent(ground: Ground) -> None:
    """Promise 5: no worker ran while it grew too old; the one that starts then sends nothing."""
    worker = await ground.start()
    await ground.followers(max_age_seconds=5)
    await ground.stop(worker)
    await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.5", ago=3))
    assert [copy["state"] for copy in ground.copies()] == ["planned"]
    await eventually(
        lambda: ground.world.rows("SELECT 1 FROM copy_orders WHERE deadline < clock_timestamp()")
    )
    await ground.start()
    (copy,) = await ground.all_ended()
    assert (copy["state"], copy["reason"]) == ("expired", "TOO_OLD")
    assert ground.placed() == []


@pytest.mark.parametrize("ahead", [-120.0, 3.0])
async def test_r17_no_buy_on_a_wrong_clock(
    ground: Ground, monkeypatch: pytest.MonkeyPatch, ahead: float
) -> None:
    """The exchange's clock differs by more than two seconds: BUYs wait and expire, SELLs go (SAFETY R17)."""
    worker = await ground.start()
    await ground.followers(max_age_seconds=4)
    await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.5"))
    await ground.all_ended()
    await ground.stop(worker)
    right = ClobVenue.clock_ahead_seconds

    async def wrong(venue: ClobVenue) -> float:
        return await right(venue) + ahead

    monkeypatch.setattr(ClobVenue, "clock_ahead_seconds", wrong)
    await ground.start()
    world = ground.world
    await ground.leader_trades(world.message(LEADER, "SELL", "50", "0.5"))
    await ground.all_ended()
    await ground.leader_trades(world.message(LEADER, "BUY", "100", "0.5", burst_started_at=None))
    copies = await ground.all_ended()
    assert [(copy["side"], copy["state"]) for copy in copies] == [
        ("BUY", "filled"), ("SELL", "filled"), ("BUY", "expired"),
    ]  # fmt: skip


async def test_r17_no_buy_while_clocks_cannot_be_compared(ground: Ground) -> None:
    """A start at which the exchange does not tell its time: BUYs wait; once it was told they go."""
    await ground.conduct({"deed": "answer_instead", "method": "GET", "path": "/time", "status": 503})
    await ground.start(clock_every_seconds=0.2)
    await ground.followers()
    await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.5"))
    await eventually(lambda: [order["state"] for order in ground.orders()] == ["signed"])
    assert ground.placed() == []
    await ground.conduct()
    copies = await ground.all_ended()
    assert [copy["state"] for copy in copies] == ["filled"]


async def test_r32_live_orders_need_switch_and_arming(ground: Ground) -> None:
    """The same exchange as `polymarket`: with the live switch off, or the account not armed, no BUY goes out."""
    await ground.start(polymarket_url=ground.exchange.url, thin_on_polymarket=False)
    await ground.followers()
    # The follower's account becomes a live one; the paper exchange stands in for the real host.
    ground.world.run("UPDATE accounts SET venue = 'polymarket'")
    ground.world.run("UPDATE copy_trading_allocations SET venue = 'polymarket'")
    ground.world.run("UPDATE accounts SET day_cap_usdc = 100, armed_at = now()")
    await ground.exchange.admin("PUT", "markets", {"tokens": [_facts()]})
    # Somebody buys near the limit: a live BUY looks for that (SAFETY R2).
    bids = {"token_id": TOKEN, "bids": [{"price": "0.5", "size": "100000"}], "asks": []}
    await ground.exchange.admin("PUT", "books", {"books": [bids]})
    await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.5"))
    (copy,) = await ground.all_ended()
    assert (copy["state"], copy["reason"]) == ("skipped", "BUYS_STOPPED")
    ground.world.run("UPDATE switches SET stopped = false, changed_at = '-infinity' WHERE name = 'live'")
    await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.5", burst_started_at=None))
    copies = await ground.all_ended()
    assert copies[1]["state"] == "filled"
    assert len(ground.placed()) == 1


def _facts() -> dict[str, str]:
    return {"token_id": TOKEN, "market_id": "0x" + "ab" * 32, "tick": "0.01", "fee_rate": "0.05"}
