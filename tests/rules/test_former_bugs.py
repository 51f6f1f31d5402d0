"""What the former product got wrong about copies stays right (each named after what it protects)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from schemas.enums import CopyState, Reason, Side, TradeKind
from schemas.money import ZERO
from schemas.trades import TradeSeen
from streams.classify.ledger import NOTHING, fold
from streams.copy_execution.books import OpenBuys
from streams.trading.booking import Booking, Fill, book_order, book_sell, empty_lot
from streams.what_if.events import MarketResolved
from streams.what_if.fill_models import FillModel, fills_of
from streams.what_if.following import Following
from streams.what_if.run import CopyOutcome, Run
from tests.rules.situations import (
    LEADER,
    MARKET,
    NOW,
    OTHER_TOKEN,
    TOKEN,
    account,
    allocation,
    answer,
    books,
    lot,
    message,
    seconds,
    sell,
    trade,
)


def copied(
    *messages: TradeSeen, fill: FillModel = FillModel.LIMIT, **settings: object
) -> tuple[Following, list[CopyOutcome]]:
    """Play messages for one follower; his books in the end, and every copy order."""
    following = Following(allocation(**settings), account())
    markets = {TOKEN: MARKET, OTHER_TOKEN: MARKET}
    run = Run([following], markets, {}, fills_of(fill), timedelta(seconds=1))
    return following, [copy for each in messages for copy in run.take(each)]


def test_b01_a_full_exit_of_the_leader_sells_everything() -> None:
    """Position and trade come from one ordered ledger: a full exit sells the whole lot, a half of it half."""
    following, copies = copied(
        message("1", Side.BUY, "100"),
        message("2", Side.SELL, "50", at=NOW + seconds(60)),
        message("3", Side.SELL, "50", at=NOW + seconds(120)),
    )
    bought, half, rest = copies
    assert half.decision.shares == Decimal("4.80")
    assert [copy.outcome for copy in (bought, half, rest)] == [CopyState.FILLED] * 3
    assert following.books.lots == {}


def test_b04_fills_of_one_order_are_not_each_copied_whole() -> None:
    """Forty fills of one decision of the leader are one copy of a fixed amount, and in proportion forty parts."""
    fills = [message(str(n), Side.BUY, "20", order_hash="0x" + "ab" * 32) for n in range(40)]
    _, copies = copied(*fills, mode="fixed_amount", fixed_amount_usdc="10")
    assert [copy.decision.reason for copy in copies] == [None] + [Reason.SAME_LEADER_ORDER] * 39
    _, copies = copied(*fills, multiplier="0.1")
    spent = sum((copy.decision.amount_usdc or ZERO for copy in copies), ZERO)
    assert spent <= Decimal("0.1") * 40 * 10


@pytest.mark.parametrize("size", ["0.5", "500000", "1000000.000001"])
def test_b06_a_size_is_what_it_says(size: str) -> None:
    """No size is guessed to be in micro-units: half a share is half a share, a million is a million."""
    step = fold(NOTHING, TradeKind.TRADE, Side.BUY, Decimal(size), NOW)
    assert step.after == Decimal(size)
    decision = answer(
        trade(size=size, price="0.5"),
        allocation(multiplier="10", budget_usdc="100000000"),
        money=account("100000000"),
    )
    expected = min(Decimal(size) * 5, Decimal("95238085.71"))
    assert decision.wanted_usdc == expected.quantize(Decimal("0.01"), "ROUND_DOWN")


@pytest.mark.parametrize(
    "kind", [kind for kind in TradeKind if kind is not TradeKind.TRADE and kind is not TradeKind.UNDONE]
)
def test_b07_what_is_no_trade_is_not_copied(kind: TradeKind) -> None:
    """Redeem, merge, split, transfer and conversion move the leader's position and yield no order."""
    following, copies = copied(
        message("1", Side.BUY, "100"),
        message("2", Side.SELL, "100", kind=kind),
        message("3", Side.BUY, "100", kind=kind),
    )
    assert [copy.trade_id for copy in copies] == ["1"]
    assert TOKEN in following.books.lots


def test_b09_a_share_of_the_budget_is_never_more_than_the_budget() -> None:
    """However small the leader's portfolio is said to be, his stake is at most all of it."""
    following = allocation(mode="proportional", multiplier=None, budget_usdc="100")
    decision = answer(trade(size="100000"), following, value="60")
    assert decision.wanted_usdc == 100
    assert decision.reserve_usdc == Decimal("100.00")


def test_b10_the_budget_is_consumed_by_what_is_at_work() -> None:
    """Lots and open orders both take from it, so that a second trade does not see it whole."""
    own = books({TOKEN: lot(cost="40")}, {OTHER_TOKEN: OpenBuys(1, Decimal(50))})
    decision = answer(trade(size="10000"), allocation(budget_usdc="100"), own=own)
    assert decision.reserve_usdc == Decimal("10.00")


def test_b11_a_fixed_amount_respects_the_budget() -> None:
    """Mode fixed_amount is bound by the budget like any other."""
    following = allocation(mode="fixed_amount", fixed_amount_usdc="50", budget_usdc="20")
    decision = answer(trade(), following)
    assert (decision.reduced_by, decision.reserve_usdc) == (Reason.BUDGET, Decimal("20.00"))


def test_b14_a_sale_needs_no_cash() -> None:
    """Selling is possible with an empty purse, or one that is all reserved."""
    decision = answer(sell(), money=account("0", reserved_usdc=Decimal(5)), own=books({TOKEN: lot()}))
    assert decision.state is CopyState.PLANNED


def test_b15_several_buys_are_one_lot() -> None:
    """Each further buy adds to the lot; one sale then sells from all of it."""
    fill = Fill(Decimal(10), Decimal(5), Decimal("0.5"))
    booked = Booking(None)
    for _ in range(3):
        booked = book_order(booked.lot, Side.BUY, [fill], Decimal(0), empty_lot("market"))
    assert booked.lot is not None
    assert booked.lot.shares == 30
    assert booked.lot.cost_usdc == 15
    assert booked.lot.adds == 2
    sold = book_sell(booked.lot, Fill(Decimal(30), Decimal(18), Decimal("0.6")), Decimal(0))
    assert sold.realised_usdc == 3


def test_b16_a_sale_is_priced_by_its_own_token() -> None:
    """The limit follows the price of the outcome that is sold, not one of the market."""
    own = books({TOKEN: lot(), OTHER_TOKEN: lot()})
    cheap = answer(sell(price="0.1"), own=own)
    dear = answer(replace(sell(price="0.9"), token_id=OTHER_TOKEN), own=own)
    assert (cheap.limit_price, dear.limit_price) == (Decimal("0.08"), Decimal("0.85"))


def test_b17_outcomes_are_known_by_their_token() -> None:
    """Positions follow token ids of 78 digits; what an outcome is called plays no part."""
    long_id = "1" + "0" * 77
    following = Following(allocation(), account())
    run = Run([following], {long_id: MARKET}, {}, fills_of(FillModel.LIMIT), seconds(1))
    run.take(message("1", Side.BUY, "100", token_id=long_id))
    assert list(following.books.lots) == [long_id]
    run.take(message("2", Side.SELL, "100", token_id=long_id))
    assert following.books.lots == {}


def test_b18_a_position_from_before_is_marked_unsure() -> None:
    """A sale of more than we saw bought shows that we did not see it all: noted as a gap, and marked."""
    step = fold(NOTHING, TradeKind.TRADE, Side.SELL, Decimal(40), NOW)
    assert step.after == 0
    assert step.gap == 40
    assert step.position.unsure


def test_b19_books_come_from_fills_not_from_plans() -> None:
    """What half filled counts half; a sale is no investment."""
    following, copies = copied(
        message("1", Side.BUY, "100"),
        message("2", Side.SELL, "100", at=NOW + seconds(60)),
        fill=FillModel.LIMIT_HALF,
    )
    bought, sold = copies
    assert (bought.decision.amount_usdc, bought.outcome) == (Decimal("5.00"), CopyState.PARTIAL)
    spent = sum(following.spent.values(), ZERO)
    assert Decimal("2.5") < spent < Decimal("2.6")
    assert sold.outcome is CopyState.PARTIAL
    assert following.account.cash_usdc == 1000 + following.books.realised_usdc - following.books.at_work_usdc


def test_b21_stale_buys_are_not_made() -> None:
    """A BUY one instant older than the limit is not copied; at the limit it still is."""
    for late, state in (
        (seconds(60), CopyState.PLANNED),
        (seconds(60) + timedelta.resolution, CopyState.EXPIRED),
    ):
        assert answer(trade(traded_at=NOW - late)).state is state


def test_b20_every_answer_says_why() -> None:
    """A skip is an answer like any other: it has its reason, and every check that was made with value and limit."""
    _, copies = copied(
        message("1", Side.BUY, "1"),
        message("2", Side.SELL, "1"),
        message("3", Side.BUY, "100"),
        min_price="0.6",
    )
    assert [copy.decision.reason for copy in copies] == [
        Reason.PRICE_BAND,
        Reason.NOTHING_TO_SELL,
        Reason.PRICE_BAND,
    ]
    name, passed, value, limit = copies[0].decision.checks[-1]
    assert (name, passed, value, limit) == (Reason.PRICE_BAND, False, Decimal("0.5"), Decimal("0.6"))


def test_b22_a_fill_that_a_reorg_took_away_moves_back() -> None:
    """It yields no order, and the leader's next sale is weighed by what he really holds; named twice it moves once."""
    undone = TradeSeen(
        trade_id="undone-2",
        kind=TradeKind.UNDONE,
        wallet=LEADER,
        side=Side.SELL,
        token_id=TOKEN,
        size=Decimal(300),
        undoes="2",
        traded_at=NOW + seconds(30),
    )
    following, copies = copied(
        message("1", Side.BUY, "100"),
        message("2", Side.BUY, "300", kind=TradeKind.TRANSFER),
        undone,
        undone.model_copy(update={"trade_id": "undone-2-again"}),
        message("3", Side.SELL, "50", at=NOW + seconds(60)),
    )
    assert [copy.trade_id for copy in copies] == ["1", "3"]
    # He holds 100 again and sells the half of it; moved back twice it would have been all.
    assert copies[1].decision.shares == Decimal("4.80")
    assert following.books.lots[TOKEN].target_shares == Decimal("4.807692")


def test_a_resolved_market_ends_the_lot() -> None:
    """The payout is cash, the rest of the cost is lost, and nothing is at work any more."""
    following, _ = copied(message("1", Side.BUY, "100"))
    run = Run([following], {TOKEN: MARKET}, {}, fills_of(FillModel.LIMIT), seconds(1))
    run.take(MarketResolved(MARKET.market_id, {TOKEN: Decimal(0)}))
    assert following.books.lots == {}
    assert following.books.at_work_usdc == 0
    assert following.account.cash_usdc == 1000 + following.books.realised_usdc
