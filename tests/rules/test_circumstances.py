"""What is worked out before the checks: the circumstances all followers share, and one follower's case of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from schemas.enums import AllocationState, Reason, Side, TradeKind
from streams.copy_execution.books import Books, Carried, OpenBuys
from streams.copy_execution.case import CARRY_LIFE
from streams.copy_execution.circumstances import LEADER_VALUE_LIFE, Circumstances, circumstances
from streams.copy_execution.decide import decide
from streams.copy_execution.flood import Flood
from streams.copy_execution.inputs import LeaderValue, Switches
from tests.rules.situations import (
    MARKET,
    NOW,
    OTHER_TOKEN,
    TOKEN,
    account,
    allocation,
    books,
    case_of,
    lot,
    seconds,
    trade,
)

D = Decimal
MOMENT = timedelta.resolution
OPEN = OpenBuys(1, D(5))


def test_what_all_followers_share_is_worked_out_exactly() -> None:
    """Ages to the microsecond, names folded, the leader's worth for 24 hours and not a moment more."""
    taken = NOW - LEADER_VALUE_LIFE
    market = replace(MARKET, end_at=NOW + seconds(30) + MOMENT, category="STRASSE", question="Straße?")
    of = trade(traded_at=NOW - seconds(5), appended_at=NOW - seconds(7) - MOMENT)
    flood, switches = Flood(601), Switches(True)
    seen = circumstances(
        of, NOW, market, LeaderValue(D(9), taken), switches, copy_of_ours=True, live_source=False, flood=flood
    )
    assert seen == Circumstances(
        of, NOW, market, switches, NOW - seconds(7) - MOMENT, D("7.000001"), D("30.000001"), D(9),
        "strasse", "strasse?", True, False, flood,
    )  # fmt: skip
    assert circumstances(of, NOW, None, LeaderValue(D(9), taken - MOMENT)) == Circumstances(
        of,
        NOW,
        None,
        Switches(),
        NOW - seconds(7) - MOMENT,
        D("7.000001"),
        None,
        None,
        None,
        None,
        False,
        True,
        None,
    )
    half = circumstances(of, NOW, replace(MARKET, question=None))
    assert (half.category, half.question, half.seconds_to_end, half.leader_value_usdc) == (
        "sports",
        None,
        None,
        None,
    )
    other = circumstances(of, NOW, replace(MARKET, category=None))
    assert (other.category, other.question) == (None, "will x win?")


def test_a_case_is_of_one_token() -> None:
    """Its lot and its open BUYs, none of another token's; the market is what is known now."""
    own = books({TOKEN: lot(), OTHER_TOKEN: lot("7")}, {OTHER_TOKEN: OPEN})
    case = case_of(trade(), own)
    assert (case.lot, case.open_buys, case.is_in) == (own.lots[TOKEN], None, True)
    assert (case.market, case.known_market, case.trade, case.books) == (MARKET, MARKET, trade(), own)
    other = case_of(trade(token_id=OTHER_TOKEN), own)
    assert (other.lot, other.open_buys, other.is_in) == (own.lots[OTHER_TOKEN], OPEN, True)
    neither = case_of(trade(token_id="9"), own)
    assert (neither.lot, neither.open_buys, neither.is_in) == (None, None, False)


def test_what_is_carried_lives_for_24_hours() -> None:
    """The last instant included; of another token, or where nothing is carried, it is nothing."""
    since = NOW - CARRY_LIFE
    assert timedelta(hours=24) == CARRY_LIFE == LEADER_VALUE_LIFE
    kept = Books(carried={TOKEN: Carried(D("0.4"), since)})
    assert case_of(trade(), kept).carried() == (D("0.4"), since)
    assert case_of(trade(), kept, below_minimum="skip").carried() == (D(0), None)
    assert case_of(trade(), Books(carried={TOKEN: Carried(D("0.4"), since - MOMENT)})).carried() == (
        D(0),
        None,
    )
    assert case_of(trade(), Books(carried={OTHER_TOKEN: Carried(D("0.4"), NOW)})).carried() == (D(0), None)


@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize(
    "unlike", [{"kind": TradeKind.TRANSFER}, {"kind": TradeKind.UNDONE}, {"state": AllocationState.ENDED}]
)
def test_what_is_no_trade_or_of_an_ended_following_has_no_answer(side: Side, unlike: dict[str, Any]) -> None:
    """Not even while the leader floods."""
    of = trade(side, kind=unlike.get("kind", TradeKind.TRADE))
    following = allocation(state=unlike.get("state", AllocationState.ACTIVE))
    for flood in (None, Flood(601)):
        seen = circumstances(of, NOW, MARKET, flood=flood)
        assert decide(seen, following, account(), books({TOKEN: lot()})) is None


@pytest.mark.parametrize("side", list(Side))
def test_r27_a_flood_stops_buys_alone(side: Side) -> None:
    """Its SELLs are copied."""
    seen = circumstances(trade(side), NOW, MARKET, flood=Flood(601))
    decision = decide(seen, allocation(), account(), books({TOKEN: lot()}))
    assert decision is not None
    assert decision.reason is (Reason.LEADER_FLOOD if side is Side.BUY else None)
    assert decision.checks[0][0] is (Reason.LEADER_FLOOD if side is Side.BUY else Reason.OWN_WALLET)
