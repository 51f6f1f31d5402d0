"""Every notice as it stands in the chat: its text in HTML and its buttons (UX §3). Pure; the faces only carry it.

``message`` turns a notice's kind and facts into words of the reader's language; it takes any facts and never fails:
what is missing reads "unknown", and a kind it does not know is named.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from schemas.enums import Side
from schemas.notice_buttons import NoticeButton, buttons
from schemas.notice_digests import digest_text
from schemas.notice_words import Facts, Words, clock, count, decimal, words_of, zone_of
from schemas.stop_causes import StopCause

TEXT_MAX: Final = 1_500
"""The longest text of a message (UX §1.10)."""
Texts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class NoticeMessage:
    """HTML for the chat, and the rows of buttons under it."""

    text: str
    buttons: tuple[tuple[NoticeButton, ...], ...] = ()


def message(kind: str, facts: Facts, texts: Texts, *, zone: str = "UTC") -> NoticeMessage:
    """The notice in the reader's language and zone."""
    text = digest_text(kind, facts, texts, zone_of(zone)) or _text(kind, facts, texts, zone)
    return NoticeMessage(_fitting(text), buttons(kind, facts, texts))


def plain_text(kind: str, facts: Facts, texts: Texts, *, zone: str = "UTC") -> str:
    """The same text without markup, for lists outside the chat."""
    return without_markup(message(kind, facts, texts, zone=zone).text)


def without_markup(text: str) -> str:
    """A message's text as it reads, without tags."""
    return html.unescape(re.sub(r"<[^<>]{1,100}>", "", text))


def _text(kind: str, facts: Facts, texts: Texts, zone: str) -> str:
    words = words_of(facts, texts, zone_of(zone))
    family = kind.partition("_")[0]
    if family in ("copy", "exit", "hand"):
        body = (
            _copy(kind, facts, texts, words) if family == "copy" else _other_order(kind, texts, words, facts)
        )
    else:
        body = _other(kind, facts, texts, words, zone)
    return texts.get(f"notice.venue.{facts.get('venue')}", "") + body


def _copy(kind: str, facts: Facts, texts: Texts, words: Words) -> str:
    doubted = bool(facts.get("was_unknown")) and kind != "copy_unknown"
    through = (decimal(facts.get("filled_shares")) or 0) > 0
    side = _side(facts)
    if doubted and through:
        words["end"] = _say(texts, _copy_key(kind, facts, side, texts), words)
        body = _say(texts, f"notice.through.{side}", words)
    elif doubted and kind == "copy_trying":
        body = _say(texts, "notice.not_through.trying", words)
    elif doubted and kind in ("copy_unfilled", "copy_skipped", "copy_expired"):
        body = _say(texts, f"notice.not_through.{side}", words)
    else:
        body = _say(texts, _copy_key(kind, facts, side, texts), words)
    out = (
        _say(texts, "notice.leader_out", words) if kind == "copy_filled" and facts.get("flat") is True else ""
    )
    return body + _tail(facts, texts, words) + out


def _copy_key(kind: str, facts: Facts, side: Side, texts: Texts) -> str:
    if kind == "copy_unfilled" and facts.get("reason") and facts.get("sentence"):
        return "notice.copy_ended"
    return f"notice.{kind}.{side}" if f"notice.{kind}.{side}" in texts else f"notice.{kind}"


def _other_order(kind: str, texts: Texts, words: Words, facts: Facts) -> str:
    """An exit order, or an order by hand."""
    family = kind.partition("_")[0]
    for key in (f"notice.{kind}.{_side(facts)}", f"notice.{kind}"):
        if key in texts:
            return _say(texts, key, words) + _tail(facts, texts, words)
    return _say(texts, f"notice.{family}_over", words) + _tail(facts, texts, words)


def _other(kind: str, facts: Facts, texts: Texts, words: Words, zone: str) -> str:
    key = f"notice.{kind}"
    match kind:
        case "reversed":
            key = f"notice.reversed.{_side(facts)}"
        case "market_resolved":
            key = f"notice.market_resolved.{'won' if (decimal(facts.get('usdc')) or 0) > 0 else 'lost'}"
        case "leader_left_otherwise" | "leader_moved_otherwise":
            words["how"] = texts.get(f"notice.how.{facts.get('how')}", words["how"])
        case "live_buys_paused" if facts.get("cause") == StopCause.CLOSED_ONLY:
            key = "notice.live_buys_paused.closed_only"
        case "signal":
            words["first_entry"] = texts["notice.first_entry"] if facts.get("first_entry") is True else ""
        case "we_were_late":
            return _late(facts, texts, zone)
        case _:
            pass
    if key not in texts:
        words["kind"] = html.escape(kind.replace("_", " ")[:40], quote=False)
        key = "notice.other"
    tail = _tail(facts, texts, words) if kind in ("signal", "reversed", "late_fill", "sell_halted") else ""
    return _say(texts, key, words) + tail


def _late(facts: Facts, texts: Texts, zone: str) -> str:
    buys, sells = count(facts.get("buys")), count(facts.get("sells"))
    words = Words(
        to=clock(facts.get("until"), zone_of(zone)),
        late_buys=counted(texts, "notice.late.buys", buys),
        sells=counted(texts, "notice.late.sells", sells) if sells else "",
    )
    words["from"] = clock(facts.get("since"), zone_of(zone))
    return _say(texts, "notice.late", words)


def counted(texts: Texts, key: str, number: int, **words: str) -> str:
    """``key.one`` or ``key.other``; the number is ``{n}``."""
    return _say(texts, f"{key}.{'one' if number == 1 else 'other'}", Words(words, n=str(number)))


def _say(texts: Texts, key: str, words: Words) -> str:
    return texts[key].format_map(words)


def _side(facts: Facts) -> Side:
    return Side.SELL if facts.get("side") == Side.SELL else Side.BUY


def _tail(facts: Facts, texts: Texts, words: Words) -> str:
    """The market and the copy's name."""
    if not facts.get("question") and not words["name"]:
        return ""
    shown = Words(words, question=words["question"] if facts.get("question") else "")
    return " " + " ".join(texts["notice.tail"].format_map(shown).split())


def _fitting(text: str) -> str:
    """Within the limit: the pieces are bounded, so this cuts only what no market ever said."""
    if len(text) <= TEXT_MAX:
        return text
    return re.sub(r"&[#\w]*$|<[^>]*$", "", text[: TEXT_MAX - 1]) + "…"
