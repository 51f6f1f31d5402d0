"""What a notice knows, in the words its text wants: numbers as people read them, foreign strings cut and escaped. Pure.

Facts are JSON: decimals and times as text. What is not there, or is no number, reads "unknown"; nothing here fails.
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from schemas import figures

UNKNOWN: Final = "unknown"
FOREIGN_MAX: Final = 80
"""The longest a string may be that comes from outside (UX §1.10)."""
Facts = Mapping[str, Any]
_FAR: Final = Decimal(10) ** 18

# Fact → word and how it is read: what somebody has or gets rounds down, what they pay or lose up (UX §1.6).
_HAD: Final = {
    "filled_shares": "filled_shares",
    "shares": "shares",
    "held_before": "held_before",
    "selling_again": "selling_again",
    "cap_usdc": "cap",
    "next_cap_usdc": "next_cap",
}
_PAID: Final = {"amount_usdc": "amount", "fee_usdc": "fee", "fees_usdc": "fees"}
_CENTS: Final = {"limit_price": "limit_price", "leader_price": "leader_price"}
_SIGNED: Final = {"realised_usdc": "realised", "result_usdc": "result"}
_PLAIN: Final = (
    "attempts",
    "attempts_max",
    "n",
    "total",
    "copied",
    "skipped",
    "failed",
    "answered",
    "names",
    "winner",
    "outcome",
    "question",
    "note",
    "sentence",
    "kind",
    "side",
)


class Words(dict[str, str]):
    """Words by name; one that is missing reads "unknown"."""

    def __missing__(self, key: str) -> str:
        return UNKNOWN


def foreign(value: object) -> str:
    """A string from outside, cut at 80 and escaped for the chat's HTML."""
    text = " ".join(str(value).split())
    cut = text if len(text) <= FOREIGN_MAX else f"{text[: FOREIGN_MAX - 1]}…"
    return html.escape(cut, quote=False)


def decimal(value: object) -> Decimal | None:
    """An exact number, or None for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return None
    try:
        found = Decimal(str(value))
    except ArithmeticError:
        return None
    return found if found.is_finite() and abs(found) < _FAR else None


def count(value: object) -> int:
    """A whole number; 0 for anything else."""
    found = decimal(value)
    return 0 if found is None else int(found)


def moment(value: object) -> datetime | None:
    """A time with its zone, or None for anything else."""
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def leader(facts: Facts) -> str:
    """The leader's given name, or its wallet in short."""
    name, wallet = facts.get("leader_name"), facts.get("leader")
    if name:
        return foreign(name)
    return foreign(figures.short_wallet(str(wallet))) if wallet else UNKNOWN


def zone_of(name: str) -> ZoneInfo:
    """The zone of that name, or UTC where there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def clock(value: object, zone: ZoneInfo) -> str:
    """The time of day in the reader's zone: ``12:06``."""
    at = moment(value)
    return UNKNOWN if at is None else f"{at.astimezone(zone):%H:%M}"


def when(value: object, zone: ZoneInfo) -> str:
    """A time that reads relative and turns absolute at a tap (UX §1.7); old clients show the text inside."""
    at = moment(value)
    if at is None:
        return UNKNOWN
    shown = at.astimezone(zone)
    return (
        f'<tg-time unix="{int(at.timestamp())}" format="r">{shown:%d.%m. %H:%M:%S} {shown.tzname()}</tg-time>'
    )


def words_of(facts: Facts, texts: Mapping[str, str], zone: ZoneInfo) -> Words:
    """Every word a text may want."""
    words = Words(leader=leader(facts), at=when(facts.get("at"), zone))
    for name, value in ((name, facts.get(name)) for name in _PLAIN):
        if value is not None:
            words[name] = foreign(value)
    for form, names in (
        (figures.had, _HAD),
        (figures.paid, _PAID),
        (figures.cents, _CENTS),
        (figures.signed, _SIGNED),
    ):
        for fact, word in names.items():
            number = decimal(facts.get(fact))
            if number is not None:
                words[word] = form(number)
    words["reduced"] = texts.get(f"notice.reduced.{facts.get('reduced_by')}", "")
    words["held"] = words["unsold"] = _held(facts)
    words["refusal"] = _refusal(facts, texts)
    words["name"] = foreign(facts.get("copy_order_id") or facts.get("name") or "")
    _put_money(words, facts)
    return words


def _put_money(words: Words, facts: Facts) -> None:
    usdc, filled, amount = (decimal(facts.get(name)) for name in ("usdc", "filled_shares", "amount_usdc"))
    if usdc is not None:
        words["usdc"] = (figures.paid if facts.get("side") == "BUY" else figures.had)(usdc)
    if usdc is not None and filled:
        words["fill_price"] = figures.cents(usdc / filled)
    if amount is not None:
        words["given_back"] = figures.had(max(amount - (usdc or Decimal(0)), Decimal(0)))
    delay, share = decimal(facts.get("delay_seconds")), decimal(facts.get("share"))
    if delay is not None:
        words["delay"] = figures.seconds(max(delay, Decimal(0)))
    if share is not None:
        words["share"] = f"{figures.seconds(share * 100)} %"
    words["next_attempt"] = str(count(facts.get("attempts")) + 1)
    moved = decimal(facts.get("amount"))
    if moved is not None:
        cash = facts.get("asset") in (None, "", "cash", "usdc")
        words["external_amount"] = (
            f"{figures.had(abs(moved))} {'USDC' if cash else foreign(facts.get('outcome') or 'shares')}"
        )


def _held(facts: Facts) -> str:
    """The shares still held: as they are now, else what was to be sold and was not."""
    held = decimal(facts.get("held_shares"))
    if held is None:
        shares, filled = decimal(facts.get("shares")), decimal(facts.get("filled_shares"))
        held = None if shares is None else max(shares - (filled or Decimal(0)), Decimal(0))
    return UNKNOWN if held is None else figures.share_count(held)


def _refusal(facts: Facts, texts: Mapping[str, str]) -> str:
    text = texts.get(f"refusal.{facts.get('reject_reason')}") or texts.get("refusal.OTHER", UNKNOWN)
    return text.format_map(Words(words=foreign(facts.get("words") or texts.get("words.none", UNKNOWN))))
