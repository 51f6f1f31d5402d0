"""The sentences of UX §3, letter by letter, with what a decision stores put in."""

from __future__ import annotations

import re
import tomllib
from datetime import timedelta
from decimal import Decimal
from importlib.resources import files
from typing import Any, Final

import pytest

from schemas.enums import CopyState, Reason, Side, Venue
from schemas.sentence_words import CopyFacts
from schemas.sentences import sentence
from tests.contract.test_sentences import NOW, copy, say, settings

NOTHING_GOT: Final = {"usdc": Decimal(0), "filled_shares": Decimal(0)}
BUYS: Final[list[tuple[Reason, dict[str, Any], str]]] = [
    (Reason.OWN_WALLET, {}, "This wallet is your own; you are not copied onto yourself."),
    (
        Reason.PAUSED,
        {"checks": {"PAUSED": (False, "paused", None)}, "paused_at": NOW},
        "You paused this leader 2026-11-22 12:00:00 UTC; sells still run.",
    ),
    (
        Reason.PAUSED,
        {"checks": {"PAUSED": (False, "closing", None)}},
        "You are closing this leader; only sells are copied.",
    ),
    (
        Reason.BUYS_STOPPED,
        {"checks": {"BUYS_STOPPED": (False, True, None)}, "switch": (NOW, "exchange incident")},
        "The operators have stopped all buying since 2026-11-22 12:00:00 UTC: “exchange incident”. Sells still run.",
    ),
    (Reason.BUYS_OFF, {}, "Copying of buys is off for this leader."),
    (
        Reason.TOO_OLD,
        {"checks": {"TOO_OLD": (False, "61.5", "60")}},
        "It reached us 61.5 s after their trade; your limit is 60 s.",
    ),
    (
        Reason.TOO_OLD,
        {"cause": "it could not be sent in time"},
        "It could not be sent within 60 s of their trade (its turn did not come before).",
    ),
    (
        Reason.TOO_OLD,
        {"cause": "what a log says"},
        "It could not be sent within 60 s of their trade (it was held up).",
    ),
    (Reason.MARKET_CLOSED, {}, "The market is closed."),
    (
        Reason.PRICE_BAND,
        {"checks": {"PRICE_BAND": (False, "0.96", None)}, "price": Decimal("0.96")},
        "They paid 96¢; you buy only between 1¢ and 99¢.",
    ),
    (
        Reason.SAME_LEADER_ORDER,
        {"earlier": "C-7F3K9RA"},
        "Part of a purchase you already copied (C-7F3K9RA). With a fixed amount, one purchase of theirs (one order, or"
        " fills within seconds) is one copy.",
    ),
    (Reason.ALREADY_IN, {}, "You already hold or are buying this outcome and copy only first entries."),
    (
        Reason.THIN_MARKET,
        {"checks": {"THIN_MARKET": (False, "20000", "40")}},
        "Too thin a market: what is bid near this price (40.00) is less than what all followers would buy (20,000.00).",
    ),
    (
        Reason.LEADER_OUT,
        {"checks": {"LEADER_OUT": (False, "0.3", None)}},
        "They sold again before your order went out (0.3 s later); it was not sent.",
    ),
    (
        Reason.LOSS_LIMIT,
        {"inputs": {"realised_usdc": "-100"}, "limit": "100"},
        "This leader has lost you 100.00; your limit is 100.00. Buys have stopped; sells still run.",
    ),
    (Reason.FOLLOWING_ENDED, {}, "You had stopped following before this order went out."),
    (
        Reason.NOT_FOUND,
        {"looks": 5, "looked_seconds": 47},
        "The exchange never showed this order, checked 5 times over 47 s; nothing was bought and 2.00 is free again.",
    ),
    (Reason.LIVE_DAY_CAP, {"day_cap_usdc": Decimal(50)}, "Your live limit for a day, 50.00, is in use."),
    (
        Reason.BALANCE,
        {"inputs": {"cash_usdc": "10", "reserved_usdc": "8", "at_work_usdc": "0"}},
        "Only 2.00 is free: 10.00 less 8.00 in open orders.",
    ),
    (
        Reason.BELOW_MINIMUM,
        {"checks": {"MINIMUM": (False, "0.5", "1")}, "wanted": Decimal("0.5")},
        "The copy would be 0.50; the smallest allowed is 1.00 (the exchange's).",
    ),
    (
        Reason.BELOW_MINIMUM,
        {"checks": {"MINIMUM": (False, "1.5", "2")}, "wanted": Decimal("1.5"), "own": "2"},
        "The copy would be 1.50; the smallest allowed is 2.00 (yours).",
    ),
    (
        Reason.CARRIED,
        {"checks": {"MINIMUM": (False, "0.5", "1")}, "wanted": Decimal("0.5")},
        "The copy would be 0.50, under 1.00; it is kept for their next buy of this outcome, until"
        " 2026-11-23 12:00:00 UTC.",
    ),
]


@pytest.mark.parametrize(("reason", "facts", "expected"), BUYS)
def test_a_buy_that_was_not_made_says_why(reason: Reason, facts: dict[str, Any], expected: str) -> None:
    """With the value and the limit that decided."""
    own = {"min_trade_usdc": facts.pop("own", None), "max_loss_usdc": facts.pop("limit", None)}
    state = CopyState.EXPIRED if reason is Reason.TOO_OLD else CopyState.SKIPPED
    shown = copy(state=state, reason=reason, **NOTHING_GOT)
    assert say(CopyFacts(shown, settings(**own), **facts)) == expected


def test_a_live_buy_that_its_account_stopped_does_not_blame_the_operators() -> None:
    """Disarmed, or stopped by what was found in the account: no switch stood then."""
    shown = copy(state=CopyState.SKIPPED, reason=Reason.BUYS_STOPPED, venue=Venue.POLYMARKET, **NOTHING_GOT)
    assert say(CopyFacts(shown, settings())) == (
        "Live buying was off for your account; your wallet says why. Sells still run."
    )
    by_them = say(CopyFacts(shown, settings(), switch=(NOW, "an incident")))
    assert by_them.startswith("The operators have stopped all buying since")


@pytest.mark.parametrize(
    ("reason", "inputs", "checks", "expected"),
    [
        (
            Reason.SELLS_OFF,
            {"lot": ["3.84"]},
            {},
            "Copying of sells is off for this leader; you still hold 3.84.",
        ),
        (Reason.NOTHING_TO_SELL, {}, {}, "You hold nothing of this outcome from this leader."),
        (
            Reason.NOTHING_TO_SELL,
            {"lot": ["3.84"]},
            {"NOTHING_TO_SELL": (False, "0", "0.01")},
            "You hold nothing of this outcome from this leader, or all of it is being sold already.",
        ),
        (
            Reason.MARKET_CLOSED,
            {"lot": ["3.84"]},
            {},
            "The market is closed; your 3.84 are settled when it resolves.",
        ),
        (
            Reason.BELOW_MINIMUM,
            {},
            {"SHARES": (False, "0.004", "0.01")},
            "0.004 shares are too few to sell; they go with the next sale.",
        ),
    ],
)
def test_a_sale_that_was_not_made_says_what_is_held(
    reason: Reason, inputs: dict[str, Any], checks: dict[str, Any], expected: str
) -> None:
    """A sale that could not be done is never quiet."""
    shown = copy(state=CopyState.SKIPPED, reason=reason, side=Side.SELL, amount_usdc=None, **NOTHING_GOT)
    assert say(CopyFacts(shown, settings(), inputs=inputs, checks=checks)) == expected


def test_on_its_way_and_taken_back() -> None:
    """UX §3: waiting, decided, sent, unclear, taken back."""
    sale = copy(state=CopyState.WAITING, side=Side.SELL, shares=Decimal("1.92"), **NOTHING_GOT)
    assert say(CopyFacts(sale, settings())) == (
        "Waiting: your buy of this outcome is still open; the sale is decided when it has ended."
    )
    unclear = copy(state=CopyState.UNKNOWN, **NOTHING_GOT)
    assert say(CopyFacts(unclear, settings())) == (
        "The exchange gave no clear answer to the order for 2.00. It may have gone through: checking with the exchange."
        " No second order is sent; the 2.00 stays reserved."
    )
    assert say(CopyFacts(copy(reversed=True), settings())) == (
        "The exchange took back the purchase of 3.84 Yes: its settlement failed. Your books are corrected;"
        " 2.00 is free again."
    )


def test_what_is_filled_waits_for_the_chain_and_a_sale_may_count_for_too_much() -> None:
    """Both stand behind what became of the copy; what was taken back waits for nothing, what stayed sold nothing."""
    settles = " Filled; waiting for settlement on the chain."
    plain = say(CopyFacts(copy(), settings()))
    assert say(CopyFacts(copy(), settings(), settling=True)) == plain + settles
    assert not say(CopyFacts(copy(reversed=True), settings(), settling=True)).endswith(settles)
    unsure = " We did not see all their earlier trades here; this sale may count for more than it was."
    sale = copy(side=Side.SELL, shares=Decimal("1.92"), amount_usdc=None)
    seen = {"leader_unsure": True}
    assert say(CopyFacts(sale, settings(), inputs=seen, settling=True)).endswith(
        "after fees." + settles + unsure
    )
    assert not say(CopyFacts(sale, settings(), inputs={"leader_unsure": False})).endswith(unsure)
    assert not say(CopyFacts(copy(), settings(), inputs=seen)).endswith(unsure)
    skipped = copy(state=CopyState.SKIPPED, reason=Reason.SELLS_OFF, side=Side.SELL, **NOTHING_GOT)
    assert not say(CopyFacts(skipped, settings(), inputs=seen)).endswith(unsure)


def test_a_room_that_made_it_smaller_is_named_with_its_limit() -> None:
    """So for every room."""
    limits = settings(
        max_per_trade_usdc="2", max_per_market_usdc="10", max_per_day_usdc="25", max_loss_usdc="100"
    )
    cap = Decimal(50)
    free = {"cash_usdc": "10", "reserved_usdc": "8", "at_work_usdc": "0"}
    said = {
        reason: say(CopyFacts(copy(reduced_by=reason), limits, inputs=free, day_cap_usdc=cap)).partition(", made ")[2]
        for reason in (
            "TRADE_LIMIT", "BUDGET", "LOSS_LIMIT", "MARKET_LIMIT", "DAY_LIMIT", "LIVE_DAY_CAP", "BALANCE",
        )
    }  # fmt: skip
    assert said == {
        "TRADE_LIMIT": "smaller by your limit per trade, 2.00.",
        "BUDGET": "smaller by your budget for this leader, 100.00.",
        "LOSS_LIMIT": "smaller by your limit of loss, 100.00.",
        "MARKET_LIMIT": "smaller by your limit for one market, 10.00.",
        "DAY_LIMIT": "smaller by your limit for a day, 25.00.",
        "LIVE_DAY_CAP": "smaller by your live limit for a day, 50.00.",
        "BALANCE": "smaller by the money that is free, 2.00.",
    }


def test_a_wish_that_was_kept_before_lives_from_its_first_part() -> None:
    """24 hours after the first part, not after this one."""
    first = (NOW - timedelta(hours=5)).isoformat()
    carried = copy(state=CopyState.SKIPPED, reason=Reason.CARRIED, **NOTHING_GOT)
    assert say(CopyFacts(carried, settings(), inputs={"carried": ["0.4", first]})).endswith(
        "until 2026-11-23 07:00:00 UTC."
    )


@pytest.mark.parametrize("side", list(Side))
def test_what_was_not_stored_is_unknown_in_the_readers_language(side: Side) -> None:
    """No English word stands in another language's sentence for want of a fact."""
    french = tomllib.loads(files("schemas.texts").joinpath("fr.toml").read_text("utf-8"))
    said = []
    for reason in Reason:
        shown = copy(state=CopyState.SKIPPED, reason=reason, side=side, outcome=None, **NOTHING_GOT)
        said.append(sentence(french, CopyFacts(shown, settings())))
    assert [text for text in said if re.search(r"unknown|shares|words", text)] == []
    assert any("inconnu" in text for text in said)
