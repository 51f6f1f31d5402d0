"""Notices that stand for many: bursts, the day's skips, the daily summary, what happened meanwhile (UX §3).

Pure. Their facts:

- ``burst``, ``evening``, ``while_away``: ``venues`` [{venue, states {state: {n, usdc}}}], ``resolved`` {n,
  realised_usdc}, ``others`` (a number), ``paused`` (followings; ``while_away`` only);
- ``skips_of_the_day``: ``venue``, ``leaders`` [{leader, leader_name, n, total, reasons [{reason, n, min_price,
  max_price}]}];
- ``daily_summary``: ``venue``, ``copied``, ``usdc``, ``skipped``, ``failed``, ``result_usdc``, ``fees_usdc``,
  ``delay_seconds``, ``answered``, ``total``.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from schemas import figures
from schemas.money import plain
from schemas.notice_words import Facts, Words, count, decimal, leader, words_of

_LEADERS_MAX: Final = 6
_REASONS_MAX: Final = 4
_GLYPHS: Final = {
    "filled": "✅",
    "partial": "◐",
    "unfilled": "○",
    "rejected": "⛔",
    "unknown": "❓",
    "skipped": "⏭",
    "expired": "⌛",
}
_MERGED: Final = {"burst": "now", "evening": "evening", "while_away": "away"}
Texts = Mapping[str, str]


def digest_text(kind: str, facts: Facts, texts: Texts, zone: ZoneInfo) -> str | None:
    """The text of such a notice; None for any other kind."""
    match kind:
        case "burst" | "evening":
            return "\n".join(_merged(kind, facts, texts)) or texts["notice.while_away.nothing"]
        case "while_away":
            return _away(facts, texts)
        case "skips_of_the_day":
            return "\n".join(_skips(facts, texts))
        case "daily_summary":
            words = words_of(dict(facts) | {"side": "BUY"}, texts, zone)
            done = count(facts.get("answered")) == count(facts.get("total"))
            return _venue(facts, texts) + texts["notice.daily_summary"].format_map(
                Words(words, tick=" ✓" if done else "")
            )
        case _:
            return None


def _venue(facts: Facts, texts: Texts) -> str:
    return texts.get(f"notice.venue.{facts.get('venue')}", "")


def _merged(kind: str, facts: Facts, texts: Texts) -> list[str]:
    when = texts[f"notice.burst.when.{_MERGED[kind]}"]
    lines = []
    for venue in _several(facts.get("venues")):
        states = venue.get("states")
        found = states if isinstance(states, Mapping) else {}
        parts = [_part(texts, glyph, found[state]) for state, glyph in _GLYPHS.items() if found.get(state)]
        n = sum(_number(of) for state, of in found.items() if state in _GLYPHS)
        if n:
            words = Words(n=str(n), when=when, parts=" · ".join(parts))
            lines.append(_venue(venue, texts) + _counted(texts, "notice.burst.copies", n, words))
    resolved = facts.get("resolved")
    if isinstance(resolved, Mapping) and count(resolved.get("n")):
        result = decimal(resolved.get("realised_usdc"))
        words = Words(result=figures.signed(result)) if result is not None else Words()
        lines.append(_counted(texts, "notice.burst.resolved", count(resolved.get("n")), words))
    if count(facts.get("others")):
        lines.append(_counted(texts, "notice.burst.others", count(facts.get("others")), Words()))
    return lines


def _part(texts: Texts, glyph: str, of: Any) -> str:
    usdc = decimal(of.get("usdc")) if isinstance(of, Mapping) else None
    words = Words(glyph=glyph, n=str(_number(of)))
    if glyph == _GLYPHS["filled"] and usdc is not None:
        return texts["notice.burst.part.spent"].format_map(Words(words, usdc=figures.paid(usdc)))
    return texts["notice.burst.part"].format_map(words)


def _number(of: Any) -> int:
    return count(of.get("n")) if isinstance(of, Mapping) else 0


def _away(facts: Facts, texts: Texts) -> str:
    lines = _merged("while_away", facts, texts) or [texts["notice.while_away.nothing"]]
    paused = count(facts.get("paused"))
    if paused:
        lines.append(_counted(texts, "notice.while_away.paused", paused, Words()))
    return texts["notice.while_away"].format_map(Words(lines="\n".join(lines)))


def _skips(facts: Facts, texts: Texts) -> list[str]:
    leaders = _several(facts.get("leaders"))
    shown = leaders if len(leaders) <= _LEADERS_MAX else leaders[: _LEADERS_MAX - 1]
    lines = []
    for each in shown:
        reasons = _several(each.get("reasons"))[:_REASONS_MAX]
        words = Words(
            leader=leader(each),
            n=str(count(each.get("n"))),
            total=str(count(each.get("total"))),
            reasons=", ".join(f"{count(reason.get('n'))} {_reason(reason, texts)}" for reason in reasons),
        )
        lines.append(_venue(facts, texts) + texts["notice.skips"].format_map(words))
    rest = leaders[len(shown) :]
    if rest:
        words = Words(
            leaders=str(len(rest)),
            n=str(sum(count(each.get("n")) for each in rest)),
            total=str(sum(count(each.get("total")) for each in rest)),
        )
        lines.append(_venue(facts, texts) + texts["notice.skips.more"].format_map(words))
    return lines


def _reason(reason: Mapping[str, Any], texts: Texts) -> str:
    low, high = decimal(reason.get("min_price")), decimal(reason.get("max_price"))
    band = "the band" if low is None or high is None else f"{_bare(low)}–{_bare(high)}¢"
    return texts.get(f"skip.{reason.get('reason')}", "other").format_map(Words(band=band))


def _bare(price: Decimal) -> str:
    return plain((price * 100).quantize(Decimal("0.1")))


def _counted(texts: Texts, key: str, number: int, words: Words) -> str:
    return texts[f"{key}.{'one' if number == 1 else 'other'}"].format_map(Words(words, n=str(number)))


def _several(value: object) -> list[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list | tuple) else []
