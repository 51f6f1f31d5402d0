"""What each check before the sizing looks at: whether it passed, the value it saw and the limit it compared with.

A decision keeps all three, and people are shown them; the rules and the worked cases ask mostly for the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from schemas.enums import AllocationState, Reason, Source
from streams.copy_execution.books import Books, OpenBuys
from streams.copy_execution.case import Case
from streams.copy_execution.checks import (
    BUY_CHECKS,
    SELL_CHECKS,
    SELL_MARKET_CHECKS,
    WAITING,
    Finding,
    failing,
)
from streams.copy_execution.inputs import LeaderValue, Switches, Trade
from tests.rules.situations import (
    FOLLOWER,
    LEADER,
    MARKET,
    NOW,
    OTHER_TOKEN,
    TOKEN,
    books,
    case_of,
    lot,
    seconds,
    sell,
    trade,
)

D = Decimal
CHECKS = {"buy": dict(BUY_CHECKS), "sell": dict(SELL_CHECKS + SELL_MARKET_CHECKS)}
FIXED: Mapping[str, Any] = {"mode": "fixed_amount", "fixed_amount_usdc": "10", "multiplier": None}
NO_QUESTION = replace(MARKET, question=None, category=None)
MOMENT = timedelta.resolution
OPEN = OpenBuys(1, D(5))


def found(name: str, case: Case, side: str = "buy") -> Finding:
    return CHECKS[side][name](case)


def buy(own: Books | None = None, *, of: Trade | None = None, **given: Any) -> Callable[[], Case]:
    """The case of a BUY, made when it is asked for."""
    return partial(case_of, of or trade(), own, **given)


def test_the_checks_are_made_in_the_order_of_the_rules() -> None:
    """RULES §3 and §4: the first that fails is the reason."""
    assert [str(name) for name, _ in BUY_CHECKS] == [
        "OWN_WALLET",
        "COPY_OF_COPY",
        "BEFORE_FOLLOWING",
        "SOURCE",
        "WAITING",
        "BUYS_STOPPED",
        "PAUSED",
        "BUYS_OFF",
        "TOO_OLD",
        "MARKET_UNKNOWN",
        "MARKET_CLOSED",
        "MARKET_ENDING",
        "CATEGORY",
        "KEYWORD",
        "LEADER_TRADE_SMALL",
        "LEADER_TRADE_LARGE",
        "PRICE_BAND",
        "SAME_LEADER_ORDER",
        "ALREADY_IN",
        "MAX_ADDS",
        "LEADER_VALUE_UNKNOWN",
    ]
    assert [str(name) for name, _ in SELL_CHECKS + SELL_MARKET_CHECKS] == [
        "OWN_WALLET",
        "BEFORE_FOLLOWING",
        "SOURCE",
        "SELLS_OFF",
        "WAITING",
        "NOTHING_TO_SELL",
        "MARKET_UNKNOWN",
        "MARKET_CLOSED",
    ]


def test_a_failing_check_is_the_last_that_is_made() -> None:
    """Each that was made is noted, those after it are not."""
    made: list[Any] = [("before", True, None, None)]
    old = case_of(trade(traded_at=NOW - seconds(61)))
    assert failing(BUY_CHECKS, old, made) is Reason.TOO_OLD
    assert [name for name, *_ in made[1:]] == [name for name, _ in BUY_CHECKS[:9]]
    assert made[-1] == (Reason.TOO_OLD, False, D(61), 60)
    assert made[1] == (Reason.OWN_WALLET, True, LEADER, FOLLOWER)
    assert failing(BUY_CHECKS, case_of(trade()), made := []) is None
    assert len(made) == len(BUY_CHECKS)


BUYS: list[tuple[str, Callable[[], Case], Finding]] = [
    (Reason.OWN_WALLET, buy(of=trade(wallet=FOLLOWER)), (False, FOLLOWER, FOLLOWER)),
    (Reason.COPY_OF_COPY, buy(), (True, False, False)),
    (Reason.COPY_OF_COPY, buy(flags={"copy_of_ours": True}), (False, True, False)),
    (Reason.BEFORE_FOLLOWING, buy(active_from=NOW - seconds(2)),
     (True, NOW - seconds(2), NOW - seconds(2))),
    (Reason.BEFORE_FOLLOWING, buy(active_from=NOW - seconds(1)),
     (False, NOW - seconds(2), NOW - seconds(1))),
    (Reason.SOURCE, buy(of=trade(source=Source.FILE), flags={"live_source": False}), (True, Source.FILE, False)),
    (Reason.SOURCE, buy(live=True), (True, Source.CHAIN, True)),
    (Reason.SOURCE, buy(flags={"live_source": False}, live=True), (False, Source.CHAIN, True)),
    (WAITING, buy(Books(waiting_tokens={OTHER_TOKEN})), (True, None, None)),
    (WAITING, buy(Books(waiting_tokens={TOKEN})), (False, None, None)),
    (Reason.BUYS_STOPPED, buy(), (True, False, None)),
    (Reason.BUYS_STOPPED, buy(switches=Switches(True)), (False, True, None)),
    (Reason.BUYS_STOPPED, buy(switches=Switches(False, NOW - seconds(2))),
     (True, False, NOW - seconds(2))),
    (Reason.BUYS_STOPPED, buy(switches=Switches(False, NOW - seconds(1))),
     (False, False, NOW - seconds(1))),
    (Reason.PAUSED, buy(), (True, AllocationState.ACTIVE, None)),
    (Reason.PAUSED, buy(state=AllocationState.PAUSED), (False, AllocationState.PAUSED, None)),
    (Reason.PAUSED, buy(state=AllocationState.CLOSING), (False, AllocationState.CLOSING, None)),
    (Reason.PAUSED, buy(buys_from=NOW - seconds(2)),
     (True, AllocationState.ACTIVE, NOW - seconds(2))),
    (Reason.PAUSED, buy(buys_from=NOW - seconds(1)),
     (False, AllocationState.ACTIVE, NOW - seconds(1))),
    (Reason.BUYS_OFF, buy(), (True, True, True)),
    (Reason.BUYS_OFF, buy(copy_buys=False), (False, False, True)),
    (Reason.TOO_OLD, buy(of=trade(traded_at=NOW - seconds(60))), (True, D(60), 60)),
    (Reason.TOO_OLD, buy(of=trade(traded_at=NOW - seconds(60) - MOMENT)), (False, D("60.000001"), 60)),
    (Reason.MARKET_UNKNOWN, buy(), (True, "0xmarket", None)),
    (Reason.MARKET_UNKNOWN, buy(market=None), (False, None, None)),
    (Reason.MARKET_CLOSED, buy(), (True, False, False)),
    (Reason.MARKET_CLOSED, buy(market=None), (True, False, False)),
    (Reason.MARKET_CLOSED, buy(market=replace(MARKET, closed=True)), (False, True, False)),
    (Reason.MARKET_ENDING, buy(), (True, None, None)),
    (Reason.MARKET_ENDING, buy(market=replace(MARKET, end_at=NOW - seconds(1))), (True, D(-1), None)),
    (Reason.MARKET_ENDING, buy(min_seconds_to_end=1), (False, None, 1)),
    (Reason.MARKET_ENDING, buy(market=replace(MARKET, end_at=NOW + seconds(9)), min_seconds_to_end=9),
     (True, D(9), 9)),
    (Reason.MARKET_ENDING, buy(market=replace(MARKET, end_at=NOW + seconds(8)), min_seconds_to_end=9),
     (False, D(8), 9)),
    (Reason.CATEGORY, buy(), (True, "sports", None)),
    (Reason.CATEGORY, buy(market=None), (True, None, None)),
    (Reason.CATEGORY, buy(market=NO_QUESTION, allowed_categories=["A", "B"]), (False, None, "A; B")),
    (Reason.CATEGORY, buy(market=NO_QUESTION, blocked_categories=["C", "D"]), (False, None, "C; D")),
    (Reason.CATEGORY, buy(market=NO_QUESTION, allowed_categories=["A"], blocked_categories=["C"]),
     (False, None, "A")),
    (Reason.CATEGORY, buy(allowed_categories=["A", "SPORTS"]), (True, "sports", "A; SPORTS")),
    (Reason.CATEGORY, buy(allowed_categories=["A", "B"]), (False, "sports", "A; B")),
    (Reason.CATEGORY, buy(blocked_categories=["C", "D"]), (True, "sports", "C; D")),
    (Reason.CATEGORY, buy(blocked_categories=["C", "sPorts"]), (False, "sports", "C; sPorts")),
    (Reason.CATEGORY, buy(allowed_categories=["Sports"], blocked_categories=["Sports"]),
     (False, "sports", "Sports")),
    (Reason.CATEGORY, buy(allowed_categories=["Sports"], blocked_categories=["C", "D"]),
     (True, "sports", "C; D")),
    (Reason.KEYWORD, buy(), (True, None, None)),
    (Reason.KEYWORD, buy(market=NO_QUESTION, blocked_keywords=["a", "b"]), (False, None, "a; b")),
    (Reason.KEYWORD, buy(blocked_keywords=["draw", "WIN", "will"]), (False, "WIN", "draw; WIN; will")),
    (Reason.KEYWORD, buy(blocked_keywords=["draw", "lose"]), (True, None, "draw; lose")),
    (Reason.LEADER_TRADE_SMALL, buy(leader_min_usdc="100"), (True, D(100), D(100))),
    (Reason.LEADER_TRADE_SMALL, buy(leader_min_usdc="100.01"), (False, D(100), D("100.01"))),
    (Reason.LEADER_TRADE_SMALL, buy(of=trade(size="8"), **FIXED), (False, D(4), D(5))),
    (Reason.LEADER_TRADE_LARGE, buy(), (True, D(100), None)),
    (Reason.LEADER_TRADE_LARGE, buy(leader_max_usdc="100"), (True, D(100), D(100))),
    (Reason.LEADER_TRADE_LARGE, buy(leader_max_usdc="99.99"), (False, D(100), D("99.99"))),
    (Reason.PRICE_BAND, buy(min_price="0.5", max_price="0.6"), (True, D("0.5"), D("0.6"))),
    (Reason.PRICE_BAND, buy(min_price="0.4", max_price="0.5"), (True, D("0.5"), D("0.5"))),
    (Reason.PRICE_BAND, buy(min_price="0.51"), (False, D("0.5"), D("0.51"))),
    (Reason.PRICE_BAND, buy(max_price="0.49"), (False, D("0.5"), D("0.49"))),
    (Reason.ALREADY_IN, buy(Books(lots={TOKEN: lot()})), (True, True, None)),
    (Reason.ALREADY_IN, buy(entries="first_only"), (True, False, False)),
    (Reason.ALREADY_IN, buy(Books(lots={TOKEN: lot()}), entries="first_only"), (False, True, False)),
    (Reason.ALREADY_IN, buy(Books(open_buys={TOKEN: OPEN}), entries="first_only"), (False, True, False)),
    (Reason.ALREADY_IN, buy(Books(lots={OTHER_TOKEN: lot()}), entries="first_only"), (True, False, False)),
    (Reason.LEADER_VALUE_UNKNOWN, buy(), (True, None, None)),
    (Reason.LEADER_VALUE_UNKNOWN, buy(value=LeaderValue(D(7), NOW)), (True, D(7), None)),
    (Reason.LEADER_VALUE_UNKNOWN, buy(mode="proportional"), (False, None, 0)),
    (Reason.LEADER_VALUE_UNKNOWN, buy(value=LeaderValue(D(0), NOW), mode="proportional"),
     (False, D(0), 0)),
    (Reason.LEADER_VALUE_UNKNOWN, buy(value=LeaderValue(D("0.5"), NOW), mode="proportional"),
     (True, D("0.5"), 0)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "case", "finding"), BUYS)
def test_a_check_of_a_buy_says_what_it_saw_and_its_limit(
    name: str, case: Callable[[], Case], finding: Finding
) -> None:
    """On both sides of each limit; an unset filter passes with no limit, an unknown fact fails a filter that is set."""
    assert found(name, case()) == finding


@pytest.mark.parametrize(
    ("of", "own", "settings", "finding"),
    [
        (trade(), Books(), {}, (True, None, None)),
        (trade(number=50), Books(lots={TOKEN: lot()}), {}, (False, 50, 50)),
        (trade(number=51), Books(lots={TOKEN: lot()}), {}, (True, None, None)),
        (trade(number=1), Books(lots={TOKEN: lot(applied_number=1)}), {}, (False, 1, 1)),
        (trade(number=0), Books(lots={TOKEN: lot()}), {}, (True, None, None)),
        (trade(order_hash="0xaa"), Books(taken_orders={"0xaa"}), {}, (True, None, None)),
        (trade(order_hash="0xaa"), Books(taken_orders={"0xaa"}), FIXED, (False, "0xaa", True)),
        (trade(order_hash="0xbb"), Books(taken_orders={"0xaa"}), FIXED, (True, NOW - seconds(2), True)),
        (trade(), Books(taken_bursts={(TOKEN, NOW - seconds(2))}), FIXED, (False, NOW - seconds(2), True)),
        (
            trade(),
            Books(taken_bursts={(OTHER_TOKEN, NOW - seconds(2))}),
            FIXED,
            (True, NOW - seconds(2), True),
        ),
        (trade(), Books(taken_bursts={(TOKEN, NOW)}), FIXED, (True, NOW - seconds(2), True)),
    ],
)
def test_r18_a_trade_that_is_in_the_lot_or_a_part_of_one_order_is_known_again(
    of: Trade, own: Books, settings: Mapping[str, Any], finding: Finding
) -> None:
    """By its number always; by order and burst where each fill would cost the whole fixed amount."""
    assert found(Reason.SAME_LEADER_ORDER, case_of(of, own, **settings)) == finding


@pytest.mark.parametrize(
    ("own", "most", "finding"),
    [
        (Books(), 0, (True, 0, 0)),
        (Books(lots={TOKEN: lot()}), None, (True, 0, None)),
        (Books(lots={TOKEN: lot()}), 0, (False, 0, 0)),
        (Books(lots={TOKEN: lot()}), 1, (True, 0, 1)),
        (Books(lots={TOKEN: lot(adds=2)}, open_buys={TOKEN: OpenBuys(3, D(9))}), 5, (False, 5, 5)),
        (Books(lots={TOKEN: lot(adds=2)}, open_buys={TOKEN: OpenBuys(3, D(9))}), 6, (True, 5, 6)),
        (Books(open_buys={TOKEN: OPEN}), 0, (False, 0, 0)),
        (Books(open_buys={TOKEN: OpenBuys(3, D(9))}), 2, (False, 2, 2)),
        (Books(open_buys={TOKEN: OpenBuys(3, D(9))}), 3, (True, 2, 3)),
    ],
)
def test_adds_are_those_of_the_lot_and_those_still_open(
    own: Books, most: int | None, finding: Finding
) -> None:
    """Without a lot the first open BUY is the entry, those after it are adds."""
    assert found(Reason.MAX_ADDS, case_of(trade(), own, max_adds=most)) == finding


@pytest.mark.parametrize(
    ("held", "of", "finding"),
    [
        (None, sell(), (False, 0, None)),
        (lot(), sell(), (True, D(40), None)),
        (lot(opened_traded_at=None), sell(), (True, D(40), None)),
        (lot(opened_traded_at=NOW - seconds(2)), sell(), (True, D(40), None)),
        (lot(opened_traded_at=NOW - seconds(1)), sell(), (False, NOW - seconds(2), NOW - seconds(1))),
        (lot(), sell(number=50), (False, 50, 50)),
        (lot(), sell(number=51), (True, D(40), None)),
        (lot(applied_number=1), sell(number=1), (False, 1, 1)),
        (lot(), sell(number=0), (True, D(40), None)),
    ],
)
def test_r18_a_sale_finds_the_lot_it_can_still_sell_from(held: Any, of: Trade, finding: Finding) -> None:
    """None, one that was bought later, one that this sale is in already."""
    own = books() if held is None else books({TOKEN: held})
    assert found(Reason.NOTHING_TO_SELL, case_of(of, own), "sell") == finding


@pytest.mark.parametrize(
    ("own", "finding"),
    [
        (Books(), (True, 0, 0)),
        (Books(open_buys={TOKEN: OpenBuys(3, D(9), 1)}), (False, 2, 0)),
        (Books(open_buys={TOKEN: OpenBuys(3, D(9), 3)}), (True, 0, 0)),
        (Books(open_buys={OTHER_TOKEN: OPEN}), (True, 0, 0)),
        (Books(waiting_tokens={TOKEN}), (False, 0, 0)),
        (Books(waiting_tokens={OTHER_TOKEN}), (True, 0, 0)),
    ],
)
def test_r06_a_sale_waits_for_the_purchases_before_it(own: Books, finding: Finding) -> None:
    """Those that are not overdue, and for what waits itself."""
    assert found(WAITING, case_of(sell(), own), "sell") == finding


def test_a_sale_may_be_switched_off() -> None:
    """And only then."""
    assert found(Reason.SELLS_OFF, case_of(sell()), "sell") == (True, True, True)
    assert found(Reason.SELLS_OFF, case_of(sell(), copy_sells=False), "sell") == (False, False, True)
