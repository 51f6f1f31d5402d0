"""The rules of SAFETY that change a decision, its ledger or its booking."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from schemas.enums import AllocationState, CopyState, Reason, Side, TradeKind
from streams.classify.ledger import BEGUN_ANEW, NOTHING, fold, fold_undone
from streams.copy_execution.books import OpenBuys
from streams.copy_execution.flood import MOST_BUYS, WINDOW
from streams.copy_execution.inputs import Switches
from streams.trading.booking import Fill, book_sell
from streams.what_if.fill_models import FillModel
from streams.what_if.replay import Past, replay
from tests.rules.situations import (
    LEADER,
    MARKET,
    NOW,
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


def test_r03_lost_money_takes_room_away() -> None:
    """What was lost does not come free again: the room for losses is what is left of it, after what is at work."""
    own = books({TOKEN: lot(cost="20")}, realised_usdc=Decimal("-70"))
    decision = answer(trade(size="1000"), allocation(max_loss_usdc="100"), own=own)
    assert (decision.reduced_by, decision.reserve_usdc) == (Reason.LOSS_LIMIT, Decimal("10.00"))
    own.realised_usdc = Decimal("-80")
    decision = answer(trade(size="1000"), allocation(max_loss_usdc="100"), own=own)
    assert (decision.state, decision.reason) == (CopyState.SKIPPED, Reason.LOSS_LIMIT)


def test_r03_gains_give_no_room() -> None:
    """What was won does not raise the bound."""
    own = books(realised_usdc=Decimal("500"))
    decision = answer(trade(size="10000"), allocation(max_loss_usdc="100"), own=own)
    assert decision.reserve_usdc == Decimal("100.00")


@pytest.mark.parametrize("side", [Side.BUY, Side.SELL])
def test_r09_live_money_moves_by_trusted_sources_only(side: Side) -> None:
    """A trade of a source that is not trusted moves paper, never live money, in neither direction."""
    own = books({TOKEN: lot()})
    live = answer(trade(side), allocation(live=True), own=own, live_source=False)
    assert (live.state, live.reason) == (CopyState.SKIPPED, Reason.SOURCE)
    assert answer(trade(side), allocation(), own=own, live_source=False).state is CopyState.PLANNED
    assert answer(trade(side), allocation(live=True), own=own).state is CopyState.PLANNED


def test_r10_an_undone_message_moves_the_position_back() -> None:
    """A reorg took a fill away: the position is as if it had not been, whichever way it had gone."""
    held = fold(NOTHING, TradeKind.TRADE, Side.BUY, Decimal(100), NOW).position
    bought = fold(held, TradeKind.TRADE, Side.BUY, Decimal(30), NOW)
    assert fold_undone(bought.position, bought.before, bought.after, NOW).after == 100
    sold = fold(held, TradeKind.TRADE, Side.SELL, Decimal(130), NOW)
    assert sold.after == 0
    assert sold.gap == 30
    assert fold_undone(sold.position, sold.before, sold.after, NOW).after == 100


def test_r12_a_copy_of_a_copy_is_not_made() -> None:
    """A fill of our own copy orders is bought by nobody; the sale of it is still followed by those who hold."""
    assert answer(trade(), copy_of_ours=True).reason is Reason.COPY_OF_COPY
    own = books({TOKEN: lot()})
    assert answer(sell(), own=own, copy_of_ours=True).state is CopyState.PLANNED


def test_r16_a_wallet_that_was_without_a_role_begins_anew() -> None:
    """Its positions start at 0 and unsure, and stay unsure."""
    step = fold(BEGUN_ANEW, TradeKind.TRADE, Side.BUY, Decimal(5), NOW)
    assert step.before == 0
    assert step.after == 5
    assert step.position.unsure


def test_r17_a_time_ahead_does_not_make_news_young() -> None:
    """A trade stamped four minutes ahead and read 90 s after the broker took it is 90 s old."""
    late = trade(traded_at=NOW + timedelta(minutes=4), appended_at=NOW - seconds(90))
    decision = answer(late)
    assert (decision.state, decision.reason) == (CopyState.EXPIRED, Reason.TOO_OLD)


def test_r18_a_late_sale_leaves_a_later_lot_alone() -> None:
    """Last night's sale, seen today, does not sell what was bought this morning, nor lower its target."""
    own = books({TOKEN: lot(opened_traded_at=NOW)})
    decision = answer(sell(traded_at=NOW - timedelta(hours=20)), own=own)
    assert (decision.reason, decision.target_shares) == (Reason.NOTHING_TO_SELL, None)
    at_once = books({TOKEN: lot(opened_traded_at=NOW - seconds(2))})
    assert answer(sell(), own=at_once).state is CopyState.PLANNED


@pytest.mark.parametrize("side", [Side.BUY, Side.SELL])
def test_r18_a_trade_already_in_the_lot_places_no_order(side: Side) -> None:
    """With the plans lost and the lots kept, reading the topic again neither buys nor sells."""
    own = books({TOKEN: lot(applied_number=100)})
    for number in (99, 100):
        assert answer(trade(side, number=number), own=own).state is CopyState.SKIPPED
    assert answer(trade(side, number=101), own=own).state is CopyState.PLANNED


def test_r21_a_sale_by_hand_shrinks_the_target_with_the_lot() -> None:
    """Of 100 shares the owner sells half; the leader then sells half of his: 25 are sold, not none."""
    held = lot(shares="100", cost="50")
    booked = book_sell(held, Fill(Decimal(50), Decimal(25), Decimal("0.5")), Decimal("0.05"), by_hand=True)
    assert booked.lot is not None
    assert booked.lot.shares == booked.lot.target_shares == 50
    decision = answer(sell("100", leader_before=Decimal(200)), own=books({TOKEN: booked.lot}))
    assert decision.shares == 25


def test_r30_a_sale_needs_no_markets_table() -> None:
    """While the market is not known, what was kept with the lot is enough to sell; a buy needs it known now."""
    own = books({TOKEN: lot()})
    assert answer(sell(), own=own, market=None).limit_price == Decimal("0.45")
    assert answer(trade(), own=own, market=None).reason is Reason.MARKET_UNKNOWN
    unknown = answer(sell(), own=books({TOKEN: lot(market=None)}), market=None)
    assert unknown.reason is Reason.MARKET_UNKNOWN
    assert unknown.target_shares == 0


def test_r31_what_was_missed_is_not_bought() -> None:
    """After a resume, or after buying was allowed again, trades from before it stay unbought; sales are copied."""
    moment = NOW - seconds(1)
    resumed = answer(trade(), allocation(buys_from=moment))
    assert (resumed.state, resumed.reason) == (CopyState.SKIPPED, Reason.PAUSED)
    allowed = answer(trade(), switches=Switches(buys_from=moment))
    assert (allowed.state, allowed.reason) == (CopyState.SKIPPED, Reason.BUYS_STOPPED)
    at_once = allocation(buys_from=NOW - seconds(2))
    assert answer(trade(), at_once).state is CopyState.PLANNED
    own = books({TOKEN: lot()})
    assert answer(sell(), allocation(buys_from=NOW), own=own).state is CopyState.PLANNED


def test_nothing_but_the_end_stops_a_sale() -> None:
    """Age, the kill switch, a pause, closing, an empty purse: none of them stops a SELL."""
    own = books({TOKEN: lot()})
    old = sell(traded_at=NOW - timedelta(minutes=50))
    stopped = Switches(buys_stopped=True)
    for state in (AllocationState.PAUSED, AllocationState.CLOSING):
        decision = answer(old, allocation(state=state), money=account("0"), own=own, switches=stopped)
        assert decision.state is CopyState.PLANNED


def test_trades_of_a_token_wait_in_line() -> None:
    """A sale waits for the buy before it; while it waits, what comes after it waits too, buys as well."""
    own = books(open_buys={TOKEN: OpenBuys(1, Decimal(10))})
    assert answer(sell(), own=own).state is CopyState.WAITING
    assert answer(trade(), own=own).state is CopyState.PLANNED
    own.waiting_tokens.add(TOKEN)
    assert answer(trade(), own=own).state is CopyState.WAITING
    own.open_buys.clear()
    assert answer(sell(), own=own).state is CopyState.WAITING
    own.waiting_tokens.clear()
    assert answer(trade(), own=own, market=MARKET).state is CopyState.PLANNED


def test_r27_what_settings_would_have_done_counts_floods_as_the_way_does() -> None:
    """600 BUYs of a wallet within a minute are decided, those beyond are LEADER_FLOOD; SELLs never are."""
    spent = timedelta(seconds=59) / MOST_BUYS
    buys = [message(str(n), Side.BUY, "100", at=NOW + n * spent) for n in range(MOST_BUYS + 40)]
    sale = message("sale", Side.SELL, "10", at=buys[-1].traded_at)
    past = Past([*buys, sale], {}, {TOKEN: MARKET}, [], {}, None, Decimal(1000), None, left_out=False)
    came = replay(allocation().settings, LEADER, past, FillModel.LIMIT, lambda _: None)
    over = sum(
        1
        for n, buy in enumerate(buys)
        if sum(buy.traded_at - each.traded_at < WINDOW for each in buys[: n + 1]) > MOST_BUYS
    )
    assert over > 20
    assert (came.skips[Reason.LEADER_FLOOD], came.buys, came.sells) == (over, len(buys), 1)
