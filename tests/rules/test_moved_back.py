"""A message that a reorg took away, and what a decision holds of the books: kept where a change went unnoticed."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from decimal import Decimal
from typing import Any

from schemas.enums import CopyState, Reason, Side, TradeKind
from streams.classify.burst import Burst
from streams.classify.ledger import NOTHING, Position, Step, Verdict, fold, fold_undone, leaves_flat, verdict
from streams.copy_execution.books import Books, Carried, OpenBuys, apply_decision
from streams.copy_execution.decision import Decision
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
    half = fold(NOTHING, TradeKind.TRANSFER, Side.BUY, D("0.5"), NOW)
    back = fold_undone(half.position, half.before, half.after, NOW)
    assert (back.before, back.after, back.ended) == (D("0.5"), D(0), True)


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


def test_what_waits_is_carried_or_sells_is_kept_for_the_next_decision() -> None:
    """Each kind of answer moves its own part of the books and nothing else; one that is skipped moves none."""
    of, own = trade(order_hash="0xaa", number=100), Books(lots={TOKEN: lot(selling_shares=D(5))})
    before = deepcopy(own)
    for nothing in (
        Decision(Side.BUY, CopyState.SKIPPED, (), Reason.BUDGET, carried_usdc=D(1), carried_since=NOW),
        Decision(Side.BUY, CopyState.PLANNED, (), reserve_usdc=D(5)),
    ):
        apply_decision(nothing, of, None, account(), own)
        assert own == before
    apply_decision(Decision(Side.SELL, CopyState.WAITING, (), target_shares=D(1)), of, MARKET, account(), own)
    assert own == replace(before, waiting_tokens={TOKEN})
    own = deepcopy(before)
    sells = Decision(Side.SELL, CopyState.PLANNED, (), shares=D("2.5"), target_shares=D(9), reserve_usdc=D(5))
    apply_decision(sells, of, MARKET, account(), own)
    assert own.lots == {
        TOKEN: replace(before.lots[TOKEN], target_shares=D(9), selling_shares=D("7.5"), applied_number=100)
    }
    apply_decision(replace(sells, shares=None), replace(of, number=7), MARKET, account(), own)
    assert (own.lots[TOKEN].selling_shares, own.lots[TOKEN].applied_number) == (D("7.5"), 100)
    assert replace(own, lots={}) == Books()


def test_a_carried_wish_is_kept_with_the_time_of_its_first_part() -> None:
    """Order and burst are taken up; a wish of less than a micro leaves nothing to keep."""
    of = trade(order_hash="0xaa")
    carried = Decision(
        Side.BUY, CopyState.SKIPPED, (), Reason.CARRIED, carried_usdc=D("0.4"), carried_since=NOW
    )
    taken: dict[str, Any] = {"taken_orders": {"0xaa"}, "taken_bursts": {(TOKEN, of.burst_started_at)}}
    for usdc, kept in (("0.4", {TOKEN: Carried(D("0.4"), NOW)}), ("0", {})):
        own = Books()
        apply_decision(replace(carried, carried_usdc=D(usdc)), of, MARKET, account(), own)
        assert own == Books(carried=kept, **taken)
    own = Books(carried={OTHER_TOKEN: Carried(D(1), NOW), TOKEN: Carried(D(2), NOW)})
    own.leader_is_flat(TOKEN)
    own.leader_is_flat(TOKEN)
    assert own == Books(carried={OTHER_TOKEN: Carried(D(1), NOW)})
    apply_decision(carried, trade(burst_started_at=None), MARKET, account(), nameless := Books())
    assert nameless == Books(carried={TOKEN: Carried(D("0.4"), NOW)})


def test_money_at_work_is_counted_in_all_and_in_its_market() -> None:
    """And taken off again."""
    own = Books(D(7), market_at_work={"m": D(3)})
    own.put_to_work("m", D("1.5"))
    own.put_to_work("n", D(2))
    own.put_to_work("m", D("-4.5"))
    assert (own.at_work_usdc, own.market_at_work) == (D(6), {"m": D(0), "n": D(2)})


def test_a_position_is_flat_under_a_hundredth_or_at_a_thousandth() -> None:
    """Of a share, and of what was held."""
    assert [leaves_flat(D(1), D(size)) for size in ("0.99", "0.990001", "1", "2")] == [
        False,
        True,
        True,
        True,
    ]
    assert [leaves_flat(D(100), D(size)) for size in ("99.899999", "99.9")] == [False, True]
    assert leaves_flat(D(0), D(1))


def test_each_side_has_its_own_burst_and_a_sale_of_all_tears_no_gap() -> None:
    """All fields of a step; sizes to the nearest micro."""
    bought = fold(NOTHING, TradeKind.TRADE, Side.BUY, D("10.0000004"), NOW)
    burst = Burst(NOW, NOW, True)
    held = Position(D(10), D(0), False, True, burst)
    assert bought == Step(held, D(0), D(10), D(0), False, False, NOW, True)
    later = NOW + seconds(60)
    sold = fold(held, TradeKind.TRADE, Side.SELL, D(4), later)
    half = replace(held, shares=D(6), sells=Burst(later, later, False))
    assert sold == Step(half, D(10), D(6), D(0), False, False, later, False)
    out = fold(half, TradeKind.TRANSFER, Side.SELL, D(6), later)
    assert out == Step(replace(half, shares=D(0)), D(6), D(0), D(0), True, True, None, False)
    torn = fold(half, TradeKind.TRADE, Side.SELL, D("6.5"), later)
    assert torn.position == replace(half, shares=D(0), gap=D("0.5"), unsure=True)
    assert (torn.after, torn.gap, torn.ended, torn.leaves_flat) == (D(0), D("0.5"), True, True)
    nobody = fold(NOTHING, TradeKind.REDEEM, Side.SELL, D(1), NOW)
    assert (nobody.ended, nobody.leaves_flat, nobody.position) == (False, True, Position(D(0), D(1), True))
    again = fold(held, TradeKind.TRADE, Side.BUY, D(1), NOW + seconds(10))
    assert (again.burst_started_at, again.first_entry) == (NOW, True)
    assert again.position.buys == Burst(NOW, NOW + seconds(10), True)


def test_a_message_is_new_known_or_contradicts_what_is_known() -> None:
    """By its content; an empty one is a content like any other."""
    assert [verdict(known, b"x") for known in (None, b"x", b"y", b"")] == [
        Verdict.APPLIED,
        Verdict.DUPLICATE,
        Verdict.CONFLICTING_DUPLICATE,
        Verdict.CONFLICTING_DUPLICATE,
    ]
