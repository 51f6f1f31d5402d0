"""Live needs setting, switch, arming, its cap, and a following that says live: each missing one → 0 POSTs."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from itertools import product

import psycopg
import pytest

from schemas.enums import Reason, Source
from streams.trading.live_gate import LiveFacts, live_buy_stopped_by
from tests.trading.conftest import ground as ground
from tests.trading.conftest import make_ground as make_ground
from tests.trading.conftest import pool as pool
from tests.trading.conftest import topic_prefix as topic_prefix
from tests.trading.conftest import world as world
from tests.trading.ground import LEADER, Ground
from tests.venues.live import allow_live, live_follower, live_settings, tell_market
from tests.waiting import eventually

BOOK = {"deed": "wait_before", "method": "GET", "path": "/book", "seconds": 1.5, "times": 1}


def test_all_of_it_or_nothing() -> None:
    """Of the 64 combinations one goes; with all of it only what the cap leaves."""
    names = ("spoken_to", "switch_allows", "armed", "account_is_live", "following_is_live")
    going = []
    for values in product((False, True), repeat=len(names)):
        for cap in (None, Decimal(10)):
            facts = LiveFacts(
                **dict(zip(names, values, strict=True)), day_cap_usdc=cap, today_usdc=Decimal(10)
            )
            reason = live_buy_stopped_by(facts)
            assert reason in (None, Reason.BUYS_STOPPED)
            going += [values] if reason is None else []
    assert going == [(True,) * len(names)]
    over = LiveFacts(
        spoken_to=True, switch_allows=True, armed=True, account_is_live=True, following_is_live=True,
        day_cap_usdc=Decimal(10), today_usdc=Decimal("10.000001"),
    )  # fmt: skip
    assert live_buy_stopped_by(over) is Reason.LIVE_DAY_CAP


def _run(statement: str) -> Callable[[Ground], None]:
    return lambda ground: ground.world.run(statement)


MISSING: dict[str, tuple[Callable[[Ground], None], str]] = {
    "switch": (lambda ground: allow_live(ground, stopped=True), "BUYS_STOPPED"),
    "arming": (_run("UPDATE accounts SET armed_at = NULL"), "BUYS_STOPPED"),
    "cap": (_run("UPDATE accounts SET armed_at = NULL, day_cap_usdc = NULL"), "BUYS_STOPPED"),
    "cap lowered": (_run("UPDATE accounts SET day_cap_usdc = 3"), "LIVE_DAY_CAP"),
    "live account": (_run("UPDATE accounts SET venue = 'paper'"), "BUYS_STOPPED"),
    "live following": (_run("UPDATE copy_trading_allocations SET venue = 'paper'"), "BUYS_STOPPED"),
}


@pytest.mark.parametrize("missing", MISSING)
async def test_r11_what_goes_missing_before_the_post_stops_it(ground: Ground, missing: str) -> None:
    """Decided and signed with all of it; while it waits for its look one thing goes: no POST, skipped, reserve free."""
    take_away, reason = MISSING[missing]
    await ground.start(**live_settings(ground))
    await tell_market(ground)
    allow_live(ground)
    await live_follower(ground)
    await ground.conduct(BOOK)
    await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.49"))
    await eventually(lambda: [order["state"] for order in ground.orders()] == ["signed"])
    take_away(ground)
    (copy,) = await ground.all_ended()
    assert (copy["state"], copy["reason"]) == ("skipped", reason)
    assert [(order["state"], order["posts"]) for order in ground.orders()] == [("dropped", 0)]
    assert ground.placed() == []


@pytest.mark.parametrize("missing", ["setting", "switch", "arming", "source"])
async def test_r09_a_live_following_without_one_of_it_never_posts(ground: Ground, missing: str) -> None:
    """Missing from the beginning: nothing is posted, and nothing is signed for the exchange without its setting."""
    settings = live_settings(ground)
    await ground.start(**settings)
    await tell_market(ground)
    await live_follower(ground, cap=None if missing == "arming" else "100")
    if missing != "switch":
        allow_live(ground)
    if missing == "setting":
        await ground.stop()
        await ground.start(**(settings | {"polymarket_url": None}))
    source = Source.GENERATED if missing == "source" else Source.CHAIN
    await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.49", source=source))
    if missing == "setting":
        await eventually(lambda: ground.world.rows("SELECT 1 FROM copy_orders WHERE deadline IS NOT NULL"))
        assert ground.orders() == []
    else:
        (copy,) = await ground.all_ended()
        assert copy["state"] == "skipped"
    assert ground.placed() == []


async def test_r26_the_day_cap_holds_over_all_live_buys(ground: Ground) -> None:
    """A cap of 12: two BUYs of 5 and their fees go, the third does not."""
    await ground.start(**live_settings(ground))
    await tell_market(ground)
    allow_live(ground)
    await live_follower(ground, cap="12")
    for _ in range(3):
        trade = ground.world.message(LEADER, "BUY", "100", "0.49", burst_started_at=None)
        await ground.leader_trades(trade)
        await ground.all_ended()
    states = [(copy["state"], copy["reason"]) for copy in ground.copies()]
    assert states[:2] == [("filled", None)] * 2
    assert states[2][0] in ("skipped", "filled")
    spent = sum(order["filled_usdc"] + order["fee_usdc"] for order in ground.orders())
    assert spent <= 12


async def test_the_tables_themselves_take_no_arming_without_a_cap_and_no_live_order_of_a_paper_account(
    ground: Ground,
) -> None:
    """Whatever code forgets: both are refused by the database."""
    ground.world.account("u", "0", venue="paper")
    with pytest.raises(psycopg.errors.CheckViolation):
        ground.world.run("UPDATE accounts SET armed_at = now(), day_cap_usdc = NULL")
    with pytest.raises(psycopg.errors.CheckViolation):
        ground.world.run(
            "INSERT INTO orders (order_hash, attempt, account_id, venue, side, token_id, order_type, limit_price, body,"
            " state, cause, worker_epoch)"
            " VALUES ('0x1', 1, 'u-paper', 'polymarket', 'BUY', '1', 'FAK', 0.5, '', 'signed', 'x', 1)"
        )
