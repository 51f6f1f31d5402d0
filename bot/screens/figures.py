"""Numbers, names and states as the chat shows them; on top of `schemas.figures`. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from bot.callbacks import base36
from bot.words import LABEL_MAX, Html, Words, cut, foreign
from schemas import figures
from schemas.enums import AllocationState, CopyState, Venue

GLYPHS: Final[Mapping[CopyState, str]] = {
    CopyState.FILLED: "✅",
    CopyState.PARTIAL: "◐",
    CopyState.UNFILLED: "○",
    CopyState.SKIPPED: "⏭",
    CopyState.EXPIRED: "⌛",
    CopyState.REJECTED: "⛔",
    CopyState.UNKNOWN: "❓",
    CopyState.WAITING: "…",
    CopyState.PLANNED: "…",
    CopyState.SUBMITTING: "…",
}
TAKEN_BACK: Final = "⛔"
FOLLOWING: Final[Mapping[AllocationState, str]] = {
    AllocationState.ACTIVE: "▶",
    AllocationState.PAUSED: "⏸",
    AllocationState.CLOSING: "⏏",
    AllocationState.ENDED: "⏹",
}
VENUES: Final[Mapping[Venue, str]] = {Venue.PAPER: "📄 PAPER", Venue.POLYMARKET: "🔴 LIVE"}
PER_PAGE: Final = 6


def venue(which: Venue) -> Html:
    """What everything about money begins with."""
    return Html(VENUES[which])


def leader(wallet: str | None, label: str | None) -> str:
    """A leader as people call them: their given name, else `0x6031…a9c2`. Not escaped."""
    if label:
        return label
    return figures.short_wallet(wallet) if wallet else ""


def numbered(number: int, name: str) -> str:
    """A button's label such as `1 Alice`, cut."""
    return cut(f"{number} {name}", LABEL_MAX)


def market(question: str | None, words: Words) -> Html:
    """A market's question; what is not known is said."""
    return foreign(question) if question else words.say("bot.market_unknown")


def outcome(name: str | None) -> Html:
    """An outcome's name."""
    return foreign(name or "?", 30)


def had(amount: Decimal | None) -> Html:
    return Html("?" if amount is None else figures.had(amount))


def paid(amount: Decimal | None) -> Html:
    return Html("?" if amount is None else figures.paid(amount))


def signed(amount: Decimal | None) -> Html:
    return Html("?" if amount is None else figures.signed(amount))


def cents(price: Decimal | None) -> Html:
    return Html("?" if price is None else figures.cents(price))


def page_arg(page: int) -> str:
    """A page number in a button."""
    return base36(page) if page else ""


def page_of(arg: str) -> int:
    """The page number of a button."""
    return int(arg, 36) if arg else 0
