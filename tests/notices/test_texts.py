"""Every text of UX §3, from its facts; none over the limits, none that fails for want of a fact."""

from __future__ import annotations

# ruff: noqa: E501  # texts stand here in one piece, as on the page
import re
import tomllib
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.enums import Reason, RejectReason
from schemas.notice_buttons import LABEL_MAX, NoticeVerb
from schemas.notice_texts import TEXT_MAX, message, plain_text

TEXTS = tomllib.loads(files("schemas.texts").joinpath("en.toml").read_text("utf-8"))
BUY: dict[str, Any] = {
    "venue": "paper", "leader_name": "Alice", "side": "BUY", "outcome": "Yes", "question": "Will X win?",
    "copy_order_id": "C-7F3K9QX", "allocation_id": "A-7F3K9QX", "position_id": 12, "amount_usdc": "2",
    "filled_shares": "3.84", "usdc": "2.00", "fee_usdc": "0.04", "leader_price": "0.51", "limit_price": "0.53",
    "delay_seconds": "2.39",
}  # fmt: skip
SELL = BUY | {
    "side": "SELL", "shares": "1.92", "filled_shares": "1.92", "usdc": "1.152", "realised_usdc": "0.11",
    "held_before": "3.84", "limit_price": "0.55", "attempts": 5, "attempts_max": 5, "held_shares": "1.92",
}  # fmt: skip
TAIL = " Will X win? C-7F3K9QX"
EXACT = [
    ("copy_filled", BUY, "📄 ✅ Copied Alice: bought 3.84 Yes for 2.00 (52.1¢; Alice 51¢), fee 0.04, 2.4 s later." + TAIL),
    (
        "copy_filled",
        BUY | {"reduced_by": "BUDGET"},
        "📄 ✅ Copied Alice: bought 3.84 Yes for 2.00 (52.1¢; Alice 51¢), fee 0.04, 2.4 s later, made smaller by your"
        " budget for this leader." + TAIL,
    ),
    (
        "live_buys_paused",
        {"venue": "polymarket", "account_id": "M-1", "cause": "closed_only"},
        "🔴 ⛔ Polymarket lets your account only sell. Buys with live money are paused; sells still run. Only Polymarket can lift that.",
    ),
    ("copy_filled", SELL, "📄 ✅ Copied Alice's sale: sold 1.92 of 3.84 Yes for 1.15 (60¢), result +0.11 after fees." + TAIL),
    (
        "copy_filled",
        SELL | {"flat": True, "venue": "polymarket"},
        "🔴 ✅ Copied Alice's sale: sold 1.92 of 3.84 Yes for 1.15 (60¢), result +0.11 after fees." + TAIL + " Alice is out.",
    ),
    (
        "copy_partial",
        BUY | {"usdc": "1.20"},
        "📄 ◐ Bought 1.20 of 2.00: no more was offered up to 53¢. 0.80 is free again." + TAIL,
    ),
    (
        "copy_trying",
        SELL | {"filled_shares": "1.10", "usdc": "0.638", "attempts": 1},
        "📄 ◐ Sold 1.10 of 1.92 at 58¢; attempt 2 of 5 follows." + TAIL,
    ),
    (
        "copy_partial",
        SELL | {"filled_shares": "1.10", "usdc": "0.638", "held_shares": "0.82"},
        "📄 ◐ Sold 1.10 of 1.92 at 58¢; no buyer after 5 attempts; you still hold 0.82." + TAIL,
    ),
    (
        "copy_unfilled",
        BUY | {"filled_shares": "0", "usdc": "0"},
        "📄 ○ Nothing was offered up to 53¢ any more (Alice paid 51¢). Nothing was bought; 2.00 is free again." + TAIL,
    ),
    (
        "copy_unfilled",
        SELL | {"filled_shares": "0", "usdc": "0"},
        "📄 ○ No buyer at 55¢ or better after 5 attempts. You still hold 1.92." + TAIL,
    ),
    (
        "copy_unknown",
        BUY,
        "📄 ❓ The exchange gave no clear answer to the order for 2.00. It may have gone through: checking with the"
        " exchange. No second order is sent; the 2.00 stays reserved." + TAIL,
    ),
    (
        "copy_filled",
        BUY | {"was_unknown": True},
        "📄 The exchange gave no clear answer to the order for 2.00. It went through: ✅ Copied Alice: bought 3.84 Yes"
        " for 2.00 (52.1¢; Alice 51¢), fee 0.04, 2.4 s later." + TAIL,
    ),
    (
        "copy_unfilled",
        BUY | {"was_unknown": True, "filled_shares": "0", "usdc": "0", "reason": "NOT_FOUND", "sentence": "x"},
        "📄 ○ The exchange gave no clear answer to the order for 2.00. It did not go through; 2.00 is free again." + TAIL,
    ),
    (
        "reversed",
        BUY,
        "📄 ⛔ The exchange took back the purchase of 3.84 Yes: its settlement failed. Your books are corrected; 2.00 is"
        " free again." + TAIL,
    ),
    (
        "copy_rejected",
        BUY | {"reject_reason": "TICK"},
        "📄 ⛔ The exchange refused the order: the market's price step changed meanwhile. Nothing was bought." + TAIL,
    ),
    (
        "copy_rejected",
        SELL | {"reject_reason": "OTHER", "words": "a <b>"},
        "📄 ⛔ The exchange refused the order: “a &lt;b&gt;”. Nothing was sold; you still hold 1.92." + TAIL,
    ),
    (
        "skips_of_the_day",
        {
            "venue": "paper",
            "leaders": [
                {
                    "leader_name": "Alice", "n": 9, "total": 15,
                    "reasons": [
                        {"reason": "SAME_LEADER_ORDER", "n": 5},
                        {"reason": "PRICE_BAND", "n": 4, "min_price": "0.1", "max_price": "0.9"},
                    ],
                }
            ],
        },
        "📄 ⏭ Alice, today: 9 of 15 not copied: 5 second fill of a copied order, 4 price outside 10–90¢.",
    ),
    (
        "we_were_late",
        {"since": "2026-07-01T12:00:10Z", "until": "2026-07-01T12:06:00Z", "buys": 9, "sells": 2},
        "⌛ We were behind from 12:00 to 12:06. 9 buys came too late and were not made; 2 sells were copied.",
    ),
    (
        "leader_left_otherwise",
        SELL | {"how": "redeem", "held_shares": "3.84"},
        "📄 Alice's position ended by a redeem, not a sale; nothing was sold. You still hold 3.84 Yes.",
    ),
    (
        "market_resolved",
        {"venue": "paper", "question": "Will X win?", "winner": "Yes", "shares": "3.84", "usdc": "3.84", "realised_usdc": "1.80"},
        "📄 Will X win? ended Yes. Your 3.84 shares paid 3.84, result +1.80.",
    ),
    (
        "market_resolved",
        {"venue": "paper", "question": "Will X win?", "winner": "No", "shares": "3.84", "usdc": "0", "realised_usdc": "-2.04"},
        "📄 Will X win? ended No. Your 3.84 shares are worth nothing, result −2.04.",
    ),
    (
        "following_over",
        {"venue": "paper", "leader_name": "Alice", "realised_usdc": "3.52"},
        "📄 Alice: the last position is gone; following has ended. Result +3.52 after fees.",
    ),
    ("buys_allowed", {}, "▶ Buying is allowed again. What was missed is not bought."),
    ("live_armed", {"venue": "polymarket", "cap_usdc": "50"}, "🔴 Live was armed, at most 50.00 a day."),
    ("settings_changed", {"leader_name": "Alice"}, "Alice's settings were changed on the web page."),
    ("signed_in", {}, "New sign-in on the web page."),
    (
        "daily_summary",
        {
            "venue": "paper", "copied": 12, "usdc": "24", "skipped": 31, "failed": 0, "result_usdc": "1.10",
            "fees_usdc": "0.31", "delay_seconds": "2.4", "answered": 43, "total": 43,
        },
        "📄 Yesterday: 12 copied 24.00, 31 skipped, 0 failed · result +1.10, fees 0.31 · delay p50 2.4 s · answered 43"
        " of 43 ✓",
    ),
    (
        "burst",
        {"venues": [{"venue": "paper", "states": {"filled": {"n": 4, "usdc": "8"}, "partial": {"n": 1}, "skipped": {"n": 2}}}]},
        "📄 7 copies just now: ✅ 4 for 8.00 · ◐ 1 · ⏭ 2.",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "facts", "text"), EXACT)
def test_texts_are_those_of_the_page(kind: str, facts: dict[str, Any], text: str) -> None:
    """Letter by letter, with 📄 or 🔴 before what concerns money."""
    assert message(kind, facts, TEXTS).text == text


def test_the_kill_switch_is_told_with_its_time_and_note() -> None:
    """The time turns with the reader's zone; the note is the operator's and escaped."""
    shown = message(
        "buys_stopped", {"at": "2026-07-01T12:00:00Z", "note": "a & b"}, TEXTS, zone="Europe/Paris"
    ).text
    assert re.fullmatch(
        r'⏹ Buying is stopped for everybody since <tg-time unix="1782907200" format="r">.* 14:00:00 CEST</tg-time>: '
        r"“a &amp; b”\. Sells still run\.",
        shown,
    )
    assert "a & b" in plain_text("buys_stopped", {"note": "a & b"}, TEXTS)


def test_an_exit_that_failed_offers_the_sale() -> None:
    """[Sell…] first; the other copies have [Why] [Position] [Pause Alice] (UX §3)."""
    unsold, bought = (message("copy_unfilled", facts, TEXTS).buttons for facts in (SELL, BUY))
    assert [[each.verb for each in row] for row in unsold] == [
        [NoticeVerb.SELL],
        [NoticeVerb.WHY, NoticeVerb.POSITION],
        [NoticeVerb.PAUSE],
    ]
    assert [[each.label for each in row] for row in bought] == [["Why", "Position"], ["Pause Alice"]]


def test_every_reason_and_refusal_has_its_words() -> None:
    """A closed set, in the digest and in the refusal."""
    assert {f"skip.{reason}" for reason in Reason} <= TEXTS.keys()
    assert {f"refusal.{reason}" for reason in RejectReason} <= TEXTS.keys()


KINDS = sorted(
    {"copy_" + state for state in ("filled", "partial", "trying", "unfilled", "rejected", "unknown", "skipped", "expired")}
    | {f"{family}_{state}" for family in ("exit", "hand") for state in ("filled", "partial", "unfilled", "rejected", "skipped", "expired")}
    | {
        "leader_left_otherwise", "leader_moved_otherwise", "leader_trade_lost", "market_resolved", "following_over",
        "following_ended", "signal", "burst", "evening", "while_away", "we_were_late", "skips_of_the_day",
        "daily_summary", "buys_stopped", "buys_allowed", "sell_halted", "live_buys_paused", "late_fill", "reversed",
        "shortfall", "order_found", "external_in", "external_out", "live_armed", "live_disarmed", "day_cap_raised",
        "settings_changed", "signed_in", "withdrawal_address_added", "withdrawal_asked", "withdrawal_sent",
        "withdrawal_failed", "orders_unknown", "of_a_kind_nobody_knows",
    }
)  # fmt: skip
LONG = st.text(max_size=300) | st.sampled_from(["<b>" * 50, "&" * 200, "{leader}", "%s", "x" * 500])
VALUE = st.none() | st.booleans() | st.integers() | st.decimals(allow_nan=True).map(str) | LONG
STATES = st.dictionaries(
    st.sampled_from(["filled", "partial", "skipped", "odd"]),
    st.fixed_dictionaries({"n": VALUE, "usdc": VALUE}) | VALUE,
)
NAMES = [
    "venue", "leader", "leader_name", "side", "outcome", "question", "copy_order_id", "allocation_id",
    "position_id", "amount_usdc", "shares", "filled_shares", "usdc", "fee_usdc", "leader_price", "limit_price",
    "delay_seconds", "reduced_by", "was_unknown", "flat", "reject_reason", "words", "sentence", "reason",
    "how", "share", "note", "at", "since", "until", "buys", "sells",
    "names", "winner", "realised_usdc", "held_shares", "attempts", "n", "total", "copied",
    "skipped", "failed", "answered", "result_usdc", "fees_usdc", "others", "paused", "amount",
    "asset", "first_entry", "cap_usdc",
]  # fmt: skip
FACTS = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(NAMES, VALUE)
    | {
        "venue": st.sampled_from(["paper", "polymarket"]) | VALUE,
        "venues": st.lists(st.fixed_dictionaries({"venue": VALUE, "states": STATES | VALUE}) | VALUE, max_size=3) | VALUE,
        "leaders": st.lists(
            st.fixed_dictionaries(
                {"leader_name": VALUE, "n": VALUE, "total": VALUE, "reasons": st.lists(st.fixed_dictionaries({"reason": VALUE, "n": VALUE}), max_size=5)}
            )
            | VALUE,
            max_size=30,
        ),
        "resolved": st.fixed_dictionaries({"n": VALUE, "realised_usdc": VALUE}) | VALUE,
    },
)  # fmt: skip


@given(
    kind=st.sampled_from(KINDS), facts=FACTS, zone=st.sampled_from(["UTC", "Europe/Paris", "", "No/Where"])
)
@settings(max_examples=200, deadline=None)
def test_b31_no_notice_fails_or_is_over_a_limit_whatever_its_facts(
    kind: str, facts: dict[str, Any], zone: str
) -> None:
    """B-31: text, labels and rows within Telegram's limits and ours; markup of nobody else comes through."""
    made = message(kind, facts, TEXTS, zone=zone)
    assert 0 < len(made.text) <= TEXT_MAX
    tags = re.findall(r"<[^>]*>", made.text)
    assert all(re.fullmatch(r'<tg-time unix="-?\d+" format="r">|</tg-time>', tag) for tag in tags)
    assert len(made.buttons) <= 8
    for row in made.buttons:
        assert 0 < len(row) <= 3
        assert all(0 < len(each.label) <= LABEL_MAX for each in row)
    assert plain_text(kind, facts, TEXTS, zone=zone)
