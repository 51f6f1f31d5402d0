"""Live needs setting, switch, arming, its cap, and a following that says live: each missing one → 0 POSTs."""

from __future__ import annotations

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

BOOK = {"deed": "wait_before", "method": "GET", "path": "/book", "seconds": 3, "times": 1}


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


TAKEN_AWAY = {
    "arming": ("UPDATE accounts SET armed_at = NULL WHERE account_id = %s", "BUYS_STOPPED"),
    "cap": ("UPDATE accounts SET armed_at = NULL, day_cap_usdc = NULL WHERE account_id = %s", "BUYS_STOPPED"),
    "lowered": ("UPDATE accounts SET day_cap_usdc = 3 WHERE account_id = %s", "LIVE_DAY_CAP"),
    "following": (
        "UPDATE copy_trading_allocations SET venue = 'paper' WHERE account_id = %s",
        "BUYS_STOPPED",
    ),
}


async def test_r11_what_goes_missing_before_the_post_stops_it(ground: Ground) -> None:
    """Decided and signed with all of it; while they wait for their look each loses one thing: no POST, skipped. The one
    beside them, who has all, goes."""
    await ground.start(**live_settings(ground))
    await tell_market(ground)
    allow_live(ground)
    for name in (*TAKEN_AWAY, "whole"):
        await live_follower(ground, name)
    await ground.conduct(BOOK)
    await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.49"))
    signed = ["signed"] * (len(TAKEN_AWAY) + 1)
    await eventually(lambda: [order["state"] for order in ground.orders()] == signed)
    for name, (statement, _) in TAKEN_AWAY.items():
        ground.world.run(statement, f"{name}-polymarket")
    ended = {copy["user_id"]: (copy["state"], copy["reason"]) for copy in await ground.all_ended()}
    assert ended.pop("whole") == ("filled", None)
    assert ended == {name: ("skipped", reason) for name, (_, reason) in TAKEN_AWAY.items()}
    posts = {order["account_id"]: order["posts"] for order in ground.orders()}
    assert posts == {**dict.fromkeys((f"{name}-polymarket" for name in TAKEN_AWAY), 0), "whole-polymarket": 1}
    assert len(ground.placed()) == 1


async def test_r11_the_switch_stops_what_is_signed(ground: Ground) -> None:
    """Turned off between signature and POST: nothing goes out."""
    await ground.start(**live_settings(ground))
    await tell_market(ground)
    allow_live(ground)
    await live_follower(ground)
    await ground.conduct(BOOK)
    await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.49"))
    await eventually(lambda: [order["state"] for order in ground.orders()] == ["signed"])
    allow_live(ground, stopped=True)
    (copy,) = await ground.all_ended()
    assert (copy["state"], copy["reason"]) == ("skipped", "BUYS_STOPPED")
    assert ground.placed() == []


async def test_r09_each_missing_from_the_beginning_is_no_post(ground: Ground) -> None:
    """Without switch, without arming, from a source that may not move live money, without the setting: 0 POSTs; with
    all of it one."""
    await ground.start(**live_settings(ground))
    await tell_market(ground)
    await live_follower(ground, cap=None)

    async def told(source: Source = Source.CHAIN) -> None:
        trade = ground.world.message(LEADER, "BUY", "100", "0.49", source=source, burst_started_at=None)
        await ground.leader_trades(trade)

    await told()
    await ground.all_ended()
    allow_live(ground)
    await told()
    await ground.all_ended()
    ground.world.run("UPDATE accounts SET armed_at = now(), day_cap_usdc = 100")
    await told(Source.GENERATED)
    copies = await ground.all_ended()
    assert [copy["state"] for copy in copies] == ["skipped"] * 3
    assert copies[2]["reason"] == "SOURCE"
    assert ground.placed() == []
    await told()
    copies = await ground.all_ended()
    assert (copies[3]["state"], len(ground.placed())) == ("filled", 1)
    await ground.stop()
    signed = len(ground.orders())
    await ground.start(**(live_settings(ground) | {"polymarket_url": None}))
    await told()
    await eventually(lambda: len(ground.copies()) == 5)
    assert (len(ground.orders()), len(ground.placed())) == (signed, 1)


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
