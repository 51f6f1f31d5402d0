"""A message that a reorg took away, and what a decision holds of the books: kept where a change went unnoticed."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from schemas.enums import Side, TradeKind
from streams.classify.ledger import NOTHING, Position, fold, fold_undone
from streams.copy_execution.books import Books, OpenBuys, apply_decision
from tests.rules.situations import MARKET, NOW, OTHER_TOKEN, TOKEN, account, answer, lot, seconds, trade

D = Decimal


def test_r10_a_purchase_that_is_undone_moves_the_position_back() -> None:
    """As far as it had moved it; a reorg is no trade: no burst, and the position is no more traded than before."""
    bought = fold(NOTHING, TradeKind.TRADE, Side.BUY, D(10), NOW).position
    more = fold(bought, TradeKind.TRADE, Side.BUY, D("2.5"), NOW + seconds(1))
    back = fold_undone(more.position, more.before, more.after, NOW + seconds(2))
    assert (back.before, back.after, back.gap, back.ended, back.leaves_flat) == (
        D("12.5"),
        D(10),
        D(0),
        False,
        False,
    )
    assert (back.burst_started_at, back.first_entry) == (None, False)
    assert (back.position.shares, back.position.traded, back.position.unsure) == (D(10), True, False)
    assert (back.position.buys, back.position.sells) == (more.position.buys, more.position.sells)


def test_r10_a_sale_that_is_undone_brings_its_shares_back() -> None:
    """What a sale below 0 really moved, not what it said."""
    short = fold(Position(D(4)), TradeKind.TRADE, Side.SELL, D(10), NOW)
    assert (short.gap, short.position.unsure) == (D(6), True)
    back = fold_undone(short.position, short.before, short.after, NOW)
    assert (back.before, back.after, back.gap, back.ended) == (D(0), D(4), D(0), False)


def test_r10_the_first_purchase_undone_ends_the_position() -> None:
    """The leader holds nothing again."""
    bought = fold(NOTHING, TradeKind.TRANSFER, Side.BUY, D(10), NOW)
    back = fold_undone(bought.position, bought.before, bought.after, NOW)
    assert (back.after, back.ended, back.leaves_flat, back.position.traded) == (D(0), True, True, False)


def test_r10_what_moved_nothing_is_undone_by_nothing() -> None:
    """A sale of what he did not hold."""
    none = fold(NOTHING, TradeKind.TRADE, Side.SELL, D(10), NOW)
    back = fold_undone(none.position, none.before, none.after, NOW)
    assert back.position is none.position
    assert (back.before, back.after, back.gap, back.ended, back.leaves_flat) == (
        D(0),
        D(0),
        D(0),
        False,
        False,
    )
    assert (back.burst_started_at, back.first_entry) == (None, False)
    held = fold_undone(Position(D(7)), D(3), D(3), NOW)
    assert (held.before, held.after) == (D(7), D(7))


def test_gaps_add_up_and_no_transfer_is_a_first_entry() -> None:
    """Twice more than he held; then what comes by transfer is no trade of his."""
    once = fold(Position(D(4)), TradeKind.TRADE, Side.SELL, D(10), NOW).position
    twice = fold(replace(once, shares=D(1)), TradeKind.TRADE, Side.SELL, D(3), NOW).position
    assert twice.gap == D(8)
    moved = fold(NOTHING, TradeKind.TRANSFER, Side.BUY, D(10), NOW)
    assert (moved.burst_started_at, moved.first_entry, moved.position.traded) == (None, False, False)
    assert fold(moved.position, TradeKind.TRADE, Side.BUY, D(1), NOW).first_entry


def test_a_planned_buy_holds_its_reserve_everywhere() -> None:
    """Beside what is open already: the token's BUYs, money at work, market, day, account and live day; what was carried
    goes, the lot keeps the number, order and burst are taken up."""
    of = trade(order_hash="0xaa", number=100)
    decision = replace(answer(of), reserve_usdc=D("10.5"))
    money = account(reserved_usdc=D(3), live_day_room_usdc=D(50))
    own = Books(D(7), D(0), D(2), {TOKEN: lot(applied_number=50)}, {TOKEN: OpenBuys(1, D(4), 1)})
    own.market_at_work[MARKET.market_id], own.buys_reserved_usdc = D(6), D(4)
    apply_decision(decision, of, MARKET, money, own)
    assert own.open_buys == {TOKEN: OpenBuys(2, D("14.5"), 1)}
    assert (own.at_work_usdc, own.market_at_work[MARKET.market_id]) == (D("17.5"), D("16.5"))
    assert own.buys_reserved_usdc == D("14.5")
    assert (own.day_spent_usdc, money.reserved_usdc, money.live_day_room_usdc) == (
        D("12.5"),
        D("13.5"),
        D("39.5"),
    )
    assert own.lots[TOKEN].applied_number == 100
    assert (own.taken_orders, own.taken_bursts) == ({"0xaa"}, {(TOKEN, of.burst_started_at)})


def test_a_planned_buy_of_another_token_leaves_this_one_alone() -> None:
    """Nothing open, no lot, no live day: counted from 0; a newer number of a lot stays."""
    of, own, money = trade(number=10), Books(), account()
    own.lots[OTHER_TOKEN] = lot(applied_number=50)
    apply_decision(replace(answer(of), reserve_usdc=D(5)), of, MARKET, money, own)
    assert own.open_buys == {TOKEN: OpenBuys(1, D(5), 0)}
    assert (money.live_day_room_usdc, own.lots[OTHER_TOKEN].applied_number, list(own.lots)) == (
        None,
        50,
        [OTHER_TOKEN],
    )
    own.lots[TOKEN] = lot(applied_number=50)
    apply_decision(replace(answer(of), reserve_usdc=D(5)), of, MARKET, money, own)
    assert own.lots[TOKEN].applied_number == 50
