"""What somebody holds, by outcome: several owners' positions together (UX S11). Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from bot.callbacks import base36
from bot.screens.figures import leader
from bot.words import Words
from schemas.enums import Venue
from schemas.money import ZERO
from schemas.views import PositionView

# Older than this a price is none (UX S11a).
PRICE_AGE: Final = timedelta(seconds=60)
VENUES: Final = {"p": Venue.PAPER, "l": Venue.POLYMARKET}


@dataclass(frozen=True, slots=True)
class Shelf:
    """Which positions are looked at: `po1` is paper, open, the second page."""

    venue: Venue = Venue.PAPER
    closed: bool = False
    page: int = 0

    def arg(self) -> str:
        """As it stands in a button."""
        page = base36(self.page) if self.page else ""
        return f"{'l' if self.venue is Venue.POLYMARKET else 'p'}{'c' if self.closed else 'o'}{page}"


def shelf_of(arg: str) -> Shelf:
    """From a button; without one what is open on paper."""
    return Shelf(VENUES.get(arg[:1], Venue.PAPER), arg[1:2] == "c", int(arg[2:] or "0", 36))


@dataclass(frozen=True, slots=True)
class Held:
    """All that one person has of one outcome at one venue."""

    lots: tuple[PositionView, ...]

    @property
    def first(self) -> PositionView:
        return self.lots[0]

    @property
    def shares(self) -> Decimal:
        return sum((each.shares for each in self.lots), ZERO)

    @property
    def cost(self) -> Decimal:
        return sum((each.cost_usdc for each in self.lots), ZERO)

    def open(self, now: datetime) -> Decimal | None:
        """The open result at the best bid; None where the price is not known or too old."""
        known = [each.open_usdc for each in self.lots if priced(each, now)]
        return sum((each or ZERO for each in known), ZERO) if len(known) == len(self.lots) else None


def by_outcome(found: Sequence[PositionView]) -> list[Held]:
    """Positions of the same outcome together, the newest first."""
    grouped: dict[tuple[str, str], list[PositionView]] = {}
    for each in found:
        grouped.setdefault((each.venue, each.token_id), []).append(each)
    return [Held(tuple(lots)) for lots in grouped.values()]


def priced(each: PositionView, now: datetime) -> bool:
    """Whether its price is known and young enough."""
    return each.bid is not None and each.price_at is not None and now - each.price_at <= PRICE_AGE


def owner_of(words: Words, each: PositionView) -> str:
    """Whose the shares are: a leader's, or bought by hand. Not escaped."""
    return leader(each.leader, each.leader_label) or words.text("s11.by_hand")
