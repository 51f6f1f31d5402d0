"""Sentences for people: every reason has one, with the numbers that decided, and none is left over."""

from __future__ import annotations

import ast
import itertools
import re
import string
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from importlib.resources import files
from typing import Any

import pytest

from api.texts import texts
from schemas import figures
from schemas.allocations import AllocationSettings
from schemas.enums import CopyMode, CopyState, Reason, RejectReason, Side, Venue
from schemas.rule_sentence import rule_sentence, warnings
from schemas.sentence_words import CopyFacts
from schemas.sentences import sentence
from schemas.views import CopyOrderView
from tests.architecture.source import modules

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
TEXTS = texts("en")
PLAIN: dict[str, Any] = {"mode": "fixed_amount", "fixed_amount_usdc": "2", "budget_usdc": "100"}


def settings(**changed: Any) -> AllocationSettings:
    """Settings of a plain following."""
    return AllocationSettings.model_validate({k: v for k, v in (PLAIN | changed).items() if v is not None})


def copy(**changed: Any) -> CopyOrderView:
    """A BUY of 2.00 that was filled: 3.84 shares at 52.08¢."""
    fields: dict[str, Any] = {
        "copy_order_id": "C-7F3K9QX", "allocation_id": "A-1", "allocation_version": 7, "user_id": "U-1",
        "leader": "0x6031" + "0" * 32 + "a9c2", "leader_label": "Alice", "venue": "paper", "trade_id": "t",
        "side": "BUY", "token_id": "7", "question": "Will X win?", "outcome": "Yes", "state": "filled", "reason": None,
        "reject_reason": None, "reduced_by": None, "amount_usdc": Decimal(2), "shares": None,
        "limit_price": Decimal("0.53"), "filled_shares": Decimal("3.84"), "usdc": Decimal(2),
        "fee_usdc": Decimal("0.04"), "realised_usdc": Decimal(0), "reversed": False, "late_fill": False, "attempts": 1,
        "traded_at": NOW, "seen_at": NOW, "decided_at": NOW, "ended_at": NOW,
    }  # fmt: skip
    return CopyOrderView.model_validate(fields | changed)


def say(facts: CopyFacts) -> str:
    return sentence(TEXTS, facts)


def test_a_filled_copy_says_what_was_bought_and_why() -> None:
    """With the fill's price in cents, and what made it smaller."""
    assert (
        say(CopyFacts(copy(), settings())) == "Bought 3.84 Yes for 2.00 USDC at 52.1¢, because Alice bought."
    )
    reduced = copy(reduced_by="BUDGET")
    assert say(CopyFacts(reduced, settings())).endswith(
        "Alice bought, made smaller by your budget for this leader, 100.00."
    )


def test_without_a_name_a_leader_is_the_short_wallet() -> None:
    """0x6031…a9c2."""
    assert "because 0x6031…a9c2 bought" in say(CopyFacts(copy(leader_label=None), settings()))


def test_a_partly_filled_copy_says_what_is_free_again() -> None:
    """Amount less what was paid."""
    partly = copy(state="partial", usdc=Decimal("1.2"), filled_shares=Decimal("2.3"))
    assert say(CopyFacts(partly, settings())) == (
        "Bought 1.20 of 2.00: no more was offered up to 53¢. 0.80 is free again."
    )


@pytest.mark.parametrize(("reason", "side"), list(itertools.product(Reason, Side)))
def test_every_reason_has_a_sentence(reason: Reason, side: Side) -> None:
    """Also where nothing but the reason is stored: no gap, no brace, one text of ours."""
    state = CopyState.EXPIRED if reason is Reason.TOO_OLD else CopyState.SKIPPED
    said = say(
        CopyFacts(
            copy(state=state, reason=reason, side=side, usdc=Decimal(0), filled_shares=Decimal(0)), settings()
        )
    )

    assert said.endswith(".")
    assert "{" not in said


@pytest.mark.parametrize(("state", "side"), list(itertools.product(CopyState, Side)))
def test_every_state_has_a_sentence(state: CopyState, side: Side) -> None:
    """Those that end with a reason of their own are told by it."""
    reason = {CopyState.SKIPPED: Reason.PAUSED, CopyState.EXPIRED: Reason.TOO_OLD}.get(state)
    refusal = RejectReason.TICK if state is CopyState.REJECTED else None
    shown = copy(state=state, reason=reason, reject_reason=refusal, side=side, shares=Decimal(5))
    assert "unknown" not in say(CopyFacts(shown, settings(), price=Decimal("0.51"), cause="held back"))


@pytest.mark.parametrize("refusal", list(RejectReason))
def test_every_refusal_is_put_into_words(refusal: RejectReason) -> None:
    """OTHER shows the exchange's own."""
    said = say(CopyFacts(copy(state="rejected", reject_reason=refusal), settings(), words="not today"))
    assert said.startswith("The exchange refused the order: ")
    assert ("“not today”" in said) == (refusal is RejectReason.OTHER)


def test_a_market_full_of_braces_cannot_break_a_sentence() -> None:
    """Foreign text is put in, never read as a pattern; it is cut."""
    said = say(CopyFacts(copy(outcome="{leader} {0} {" + "x" * 300), settings()))
    assert "{leader} {0} {xxx" in said
    assert len(said) < 200


def test_the_rule_is_said_in_one_sentence() -> None:
    """UX S6d: venue, amount, slippage, band, entries, limits, loss, sells, from now; then what else is set."""
    careful = settings(
        max_per_market_usdc="10", max_per_day_usdc="25", min_price="0.1", max_price="0.9", entries="first_only",
        max_loss_usdc="100",
    )  # fmt: skip
    assert rule_sentence(TEXTS, careful, "Alice", Venue.PAPER) == (
        "📄 PAPER. When Alice buys, buy the same outcome for 2.00 USDC, at most 2¢ above their price,"
        " between 10¢ and 90¢, only the first time per outcome, with at most 10.00 per market, 25.00 per day"
        " and 100.00 at work in all, and stops buying once 100.00 is lost. What falls under 1.00 is kept for their"
        " next buy. Only within 60 s of their trade. Trades of theirs under 5.00 are ignored."
        " When Alice sells, sell the same part of what you hold from Alice."
        " Only trades from now on are copied; what Alice already holds is not bought."
    )


@pytest.mark.parametrize(
    ("changed", "part"),
    [
        ({"mode": "multiplier", "multiplier": "0.1"}, "for 0.1 × what they spend"),
        (
            {"mode": "proportional"},
            "for the share of your budget of 100.00 that their bet is of their portfolio",
        ),
        ({"budget_usdc": None, "budget_percent": "10"}, "with at most 10 % of your money at work in all"),
        ({"budget_percent": "10"}, "100.00 or 10 % of your money, whichever is less, at work in all"),
        ({"max_adds": 2}, "adding at most 2 times"),
        ({"below_minimum": "raise"}, "What falls under 1.00 is raised to 1.00."),
        ({"below_minimum": "skip"}, "What falls under 1.00 is not copied."),
        ({"leader_max_usdc": "500"}, "under 5.00 or over 500.00 are ignored"),
        ({"leader_min_usdc": "0", "leader_max_usdc": "500"}, "theirs over 500.00 are ignored"),
        ({"min_seconds_to_end": 3600}, "Not in the last 60 min before a market ends."),
        ({"blocked_keywords": ["war", "tweet"]}, "Not where the question contains: war, tweet."),
        ({"allowed_categories": ["Sports"]}, "Only these kinds: Sports."),
        ({"copy_sells": False}, "When Alice sells, you keep holding."),
        ({"copy_buys": False}, "What Alice buys is not copied."),
    ],
)
def test_each_setting_has_its_part_of_the_sentence(changed: dict[str, Any], part: str) -> None:
    """Set or not set, it is told."""
    assert part in rule_sentence(TEXTS, settings(**changed), "Alice", Venue.PAPER)
    assert part not in rule_sentence(TEXTS, settings(), "Alice", Venue.PAPER)


def test_live_is_said_first() -> None:
    """Whatever concerns money begins with PAPER or LIVE."""
    assert rule_sentence(TEXTS, settings(), "Alice", Venue.POLYMARKET).startswith("🔴 LIVE. ")


def test_settings_that_surprise_are_warned_about() -> None:
    """Small amounts, wide slippage, no sells, no limit of loss, too little money, unknown portfolio."""
    odd = settings(
        mode=CopyMode.PROPORTIONAL,
        fixed_amount_usdc="1.05",
        buy_slippage="0.1",
        copy_sells=False,
        budget_usdc="50",
    )
    found = {
        (warning.code, warning.field)
        for warning in warnings(
            TEXTS, odd, free_usdc=Decimal(1), at_work_usdc=Decimal(62), leader_value_known=False
        )
    }
    assert found == {
        ("minimum", "fixed_amount_usdc"), ("slippage", "buy_slippage"), ("no_sells", "copy_sells"),
        ("no_loss_limit", "max_loss_usdc"), ("value_unknown", "mode"), ("at_work", "budget_usdc"),
    }  # fmt: skip
    calm = settings(max_loss_usdc="100")
    assert (
        warnings(TEXTS, calm, free_usdc=Decimal(500), at_work_usdc=Decimal(0), leader_value_known=True) == ()
    )


def _keys_in_code() -> Iterator[re.Pattern[str]]:
    """Every string of the code that says texts as a pattern; what an f-string fills in may be any part of a key."""
    for module in modules("schemas", "streams", "api", "bot"):
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and "." in node.value:
                yield re.compile(re.escape(node.value))
            elif isinstance(node, ast.JoinedStr):
                parts = [
                    re.escape(str(part.value)) if isinstance(part, ast.Constant) else r"[\w.-]+"
                    for part in node.values
                ]
                if any("." in part and part[0].isalpha() for part in parts):
                    yield re.compile("".join(parts))


def _keys_on_pages() -> Iterator[re.Pattern[str]]:
    """Words of the console: `$name` in the page, `words.name` in scripts, or built of a beginning; columns by name."""
    for page in files("api.web").iterdir():
        text = page.read_text("utf-8") if page.name.endswith((".html", ".js")) else ""
        for name in re.findall(r"(?:words\.|\$)(\w+)", text):
            yield re.compile(re.escape(f"console.{name}"))
        for beginning in set(re.findall(r"words\[`(\w+_)\$", text)) - {"c_"}:
            yield re.compile(rf"console\.{beginning}\w+")
        for name in re.findall(r'"(\w+)"', text):
            yield re.compile(re.escape(f"console.c_{name}"))


def test_no_text_is_left_over_and_none_has_an_odd_placeholder() -> None:
    """Keys are used somewhere in the code that says them; placeholders are plain names."""
    said = [*_keys_in_code(), *_keys_on_pages()]
    reasons, refusals = set(Reason), set(RejectReason)
    left_over = []
    for key, text in TEXTS.items():
        kind, name, *_ = key.split(".")
        if kind in ("reason", "reduced"):
            assert name in reasons, key
        if kind == "refusal":
            assert name in refusals, key
        counted = key.removesuffix(".one").removesuffix(".other")
        if not any(pattern.fullmatch(key) or pattern.fullmatch(counted) for pattern in said):
            left_over.append(key)
        names = [field for _, field, _, _ in string.Formatter().parse(text) if field is not None]
        assert all(re.fullmatch(r"[a-z][a-z0-9_]*", field) for field in names), key
    assert left_over == []


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (figures.had(Decimal("1.999")), "1.99"),
        (figures.paid(Decimal("1.991")), "2.00"),
        (figures.had(Decimal("1234567.5")), "1,234,567.50"),
        (figures.signed(Decimal("-0.401")), "−0.41"),
        (figures.signed(Decimal("3.529")), "+3.52"),
        (figures.cents(Decimal("0.52")), "52¢"),
        (figures.cents(Decimal("0.5208")), "52.1¢"),
        (figures.seconds(Decimal("2.19")), "2.2"),
        (figures.span(90), "90 s"),
        (figures.span(5400), "90 min"),
        (figures.span(3 * 86_400), "3 d 0 h"),
        (figures.short_wallet("0x6031" + "0" * 32 + "a9c2"), "0x6031…a9c2"),
    ],
)
def test_figures_round_as_people_expect(shown: str, expected: str) -> None:
    """What you have goes down, what you pay goes up."""
    assert shown == expected
