"""A SELL is tried again: each attempt after the former is over, never sooner than the pauses (RULES §4, SAFETY R1)."""

from __future__ import annotations

import itertools
from decimal import Decimal
from typing import Any

import pytest

from schemas.allocations import AllocationSettings
from schemas.enums import CopyMode, RejectReason
from streams.trading.attempts import limit_of_attempt, pause_after, uses_an_attempt
from tests.copy_execution.world import TOKEN
from tests.trading.conftest import MakeGround
from tests.trading.ground import LEADER, Ground
from tests.waiting import eventually

PAUSES = (0.3, 0.6, 0.6)
SETTINGS = AllocationSettings(
    mode=CopyMode.FIXED_AMOUNT, fixed_amount_usdc=Decimal(5), budget_usdc=Decimal(100)
)


async def _holding(ground: Ground, **settings: Any) -> None:
    """One follower who holds 10 shares, with a worker that tries again quickly."""
    await ground.start(attempt_pauses=PAUSES, **settings)
    await ground.followers()
    await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.5"))
    await ground.all_ended()


def _sells(ground: Ground) -> list[dict[str, Any]]:
    return [order for order in ground.orders() if order["side"] == "SELL"]


async def test_r01_a_refused_sell_is_tried_again_and_sold(ground: Ground) -> None:
    """Refused twice, then sold: three orders, spaced by the pauses, each after the former was over."""
    await _holding(ground)
    await ground.conduct(
        {"deed": "answer_instead", "status": 400, "error": "Invalid order payload", "times": 2}
    )
    await ground.leader_trades(ground.world.message(LEADER, "SELL", "100", "0.5"))
    copies = await ground.all_ended()
    assert [copy["state"] for copy in copies] == ["filled", "filled"]
    assert copies[1]["attempts"] == 3
    first, second, third = _sells(ground)
    assert [order["state"] for order in (first, second)] == ["rejected", "rejected"]
    for former, later, pause in ((first, second, PAUSES[0]), (second, third, PAUSES[1])):
        assert (later["posted_at"] - former["proven_at"]).total_seconds() >= pause
    assert len({order["order_hash"] for order in _sells(ground)}) == 3
    await ground.assert_books_agree()


async def test_r01_only_the_last_attempt_ends_rejected(ground: Ground) -> None:
    """Refused every time: as many orders as `exit_attempts_max`, then rejected; the lot is kept."""
    await ground.start(attempt_pauses=PAUSES)
    await ground.followers(exit_attempts_max=3)
    await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.5"))
    await ground.all_ended()
    await ground.conduct({"deed": "answer_instead", "status": 400, "error": "Invalid order payload"})
    await ground.leader_trades(ground.world.message(LEADER, "SELL", "100", "0.5"))
    copies = await ground.all_ended()
    assert (copies[1]["state"], copies[1]["reject_reason"], copies[1]["attempts"]) == ("rejected", "OTHER", 3)
    assert len(_sells(ground)) == 3
    assert [lot["closed_at"] for lot in ground.lots()] == [None]


@pytest.mark.parametrize(
    ("words", "reason"),
    [("'0xabc' address banned", "BANNED"), ("Trading restricted in your region", "REGION"),
     ("No orderbook exists for the requested token id", "NO_BOOK")],
)  # fmt: skip
async def test_r01_what_no_attempt_can_change_ends_at_once(ground: Ground, words: str, reason: str) -> None:
    """BANNED, REGION, NO_BOOK: no second attempt."""
    await _holding(ground)
    await ground.conduct({"deed": "answer_instead", "status": 400, "error": words})
    await ground.leader_trades(ground.world.message(LEADER, "SELL", "100", "0.5"))
    copies = await ground.all_ended()
    assert (copies[1]["state"], copies[1]["reject_reason"]) == ("rejected", reason)
    assert len(_sells(ground)) == 1


async def test_r01_shares_that_lag_use_up_no_attempt(make_ground: MakeGround) -> None:
    """Bought shares are sellable later at the exchange: refused NOT_ENOUGH until then, sold in attempt one."""
    ground = await make_ground(POLYCOOL_PAPER_BALANCE_LAG_SECONDS="4")
    ground.world.market()
    await _holding(ground)
    await ground.leader_trades(ground.world.message(LEADER, "SELL", "100", "0.5"))
    copies = await ground.all_ended(40)
    assert (copies[1]["state"], copies[1]["attempts"]) == ("filled", 1)
    assert len(_sells(ground)) > 2
    assert {order["reject_reason"] for order in _sells(ground)[:-1]} == {"NOT_ENOUGH"}
    await ground.assert_books_agree()


async def test_r01_an_exit_goes_through_the_lag_of_shares_and_a_change_of_tick(
    make_ground: MakeGround,
) -> None:
    """Bought, sold at once: the shares arrive after 5 s, the exchange has another price step than our facts; the lot
    ends 0 within two attempts that count, each order at least 2 s after the former."""
    ground = await make_ground()
    ground.world.market()
    await ground.start()
    await ground.followers()
    await ground.conduct({"fault": "balance_lags", "times": 1, "seconds": 5})
    await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.96"))
    await ground.all_ended()
    # On the step of our facts the limit would be 92.2¢, which is none of the exchange's.
    ground.world.run("UPDATE markets SET tick = 0.001")
    await ground.exchange.admin("PUT", "ticks", {"ticks": [{"token_id": TOKEN, "tick": "0.005"}]})
    await ground.leader_trades(ground.world.message(LEADER, "SELL", "100", "0.972"))
    copies = await ground.all_ended(40)
    assert (copies[1]["state"], copies[1]["attempts"] <= 2) == ("filled", True)
    sells = _sells(ground)
    assert "NOT_ENOUGH" in {order["reject_reason"] for order in sells}
    for former, later in itertools.pairwise(sells):
        assert (later["posted_at"] - former["posted_at"]).total_seconds() >= 2
    assert {lot["shares"] for lot in ground.lots()} == {Decimal(0)}
    await ground.assert_books_agree()


async def test_r01_what_is_left_is_sold_by_the_next_attempt(make_ground: MakeGround) -> None:
    """Half fills each time: every attempt asks for what is still unsold, at the best bid; in the end partial."""
    ground = await make_ground(POLYCOOL_PAPER_FILL_MODEL="limit_half")
    ground.world.market()
    await ground.start(attempt_pauses=PAUSES)
    await ground.followers(exit_attempts_max=3)
    await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.5"))
    await ground.all_ended()
    held = ground.lots()[0]["shares"]
    await ground.leader_trades(ground.world.message(LEADER, "SELL", "100", "0.5"))
    copies = await ground.all_ended()
    assert (copies[1]["state"], copies[1]["attempts"]) == ("partial", 3)
    asked = [order["shares"] for order in _sells(ground)]
    left = copies[1]["shares"]
    for shares in asked:
        assert shares == left.quantize(Decimal("0.01"), "ROUND_FLOOR")
        left -= (shares / 2).quantize(Decimal("0.01"), "ROUND_FLOOR")
    assert ground.lots()[0]["shares"] == held - copies[1]["filled_shares"]
    await ground.assert_books_agree()


async def test_r01_later_attempts_go_by_the_best_bid(make_ground: MakeGround) -> None:
    """First at the leader's price; nobody bids there, so the second goes down to the bid, within its slip."""
    ground = await make_ground(POLYCOOL_PAPER_FILL_MODEL="book")
    ground.world.market()
    await ground.start(attempt_pauses=PAUSES)
    await ground.followers()
    await ground.exchange.admin("PUT", "markets", {"tokens": [_facts()]})
    await _book(ground, bids=["0.30"], asks=["0.50"])
    await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.5"))
    await ground.all_ended()
    await ground.leader_trades(ground.world.message(LEADER, "SELL", "100", "0.5"))
    copies = await ground.all_ended()
    assert [copy["state"] for copy in copies] == ["filled", "filled"]
    first, second = _sells(ground)
    # Leader at 50¢: 5¢ slippage; then the bid of 30¢ less 5¢, the least of half the leader's price not reached.
    assert (first["state"], first["limit_price"]) == ("killed", Decimal("0.45"))
    assert (second["limit_price"], second["filled_usdc"]) == (
        Decimal("0.25"),
        second["filled_shares"] * Decimal("0.3"),
    )
    await ground.assert_books_agree()


async def test_r11_no_further_attempt_after_the_following_ended(ground: Ground) -> None:
    """Ended between attempt one and two: no second order."""
    await ground.start(attempt_pauses=(3.0,))
    await ground.followers()
    await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.5"))
    await ground.all_ended()
    await ground.conduct({"deed": "answer_instead", "status": 400, "error": "Invalid order payload"})
    await ground.leader_trades(ground.world.message(LEADER, "SELL", "100", "0.5"))
    await eventually(lambda: [copy["attempts"] for copy in ground.copies()] == [1, 1])
    ground.world.run("UPDATE copy_trading_allocations SET state = 'ended', ended_at = now()")
    copies = await ground.all_ended()
    assert copies[1]["state"] in ("unfilled", "rejected")
    assert len(_sells(ground)) == 1


def test_pauses_follow_each_other_and_the_last_stays() -> None:
    """2, 5, 15, 30, 30, … seconds."""
    assert [pause_after(attempts, (2.0, 5.0, 15.0, 30.0)) for attempts in (0, 1, 2, 3, 4, 5, 20)] == [
        2,
        2,
        5,
        15,
        30,
        30,
        30,
    ]


@pytest.mark.parametrize(
    ("reason", "seconds", "used"),
    [(RejectReason.NOT_ENOUGH, 5.0, False), (RejectReason.NOT_ENOUGH, 61.0, True),
     (RejectReason.NOT_ENOUGH, None, True), (RejectReason.TICK, 5.0, True), (None, 5.0, True)],
)  # fmt: skip
def test_only_missing_shares_just_bought_are_the_venues_lag(
    reason: RejectReason | None, seconds: float | None, used: bool
) -> None:
    """NOT_ENOUGH within 60 s of a purchase uses up no attempt; everything else does."""
    assert uses_an_attempt(reason, seconds, 60.0) is used


def test_a_limit_lands_on_the_tick_as_it_is_now() -> None:
    """The tick became coarser between two attempts: the limit is up to the new one, never past 1 - tick."""
    fine, coarse = Decimal("0.001"), Decimal("0.01")
    limit = limit_of_attempt(Decimal("0.5"), None, Decimal("0.455"), coarse, SETTINGS)
    assert limit == Decimal("0.46")
    assert limit_of_attempt(Decimal("0.5"), None, Decimal("0.455"), fine, SETTINGS) == Decimal("0.455")
    assert limit_of_attempt(Decimal("0.995"), None, Decimal("0.999"), coarse, SETTINGS) == Decimal("0.99")


async def _book(ground: Ground, *, bids: list[str], asks: list[str]) -> None:
    levels = {
        name: [{"price": price, "size": "1000"} for price in prices]
        for name, prices in (("bids", bids), ("asks", asks))
    }
    await ground.exchange.admin("PUT", "books", {"books": [{"token_id": TOKEN, **levels}]})


def _facts() -> dict[str, str]:
    return {"token_id": TOKEN, "market_id": "0x" + "ab" * 32, "tick": "0.01", "fee_rate": "0.05"}
