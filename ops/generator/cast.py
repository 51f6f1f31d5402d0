"""Who trades in the play, and how often each comes to their turn."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from ops.generator.events import Person
from ops.generator.names import Names
from ops.generator.tempers import Temper, holder, redeemer, scalper, stranger, whale
from schemas.enums import AddressType

_LEADER: Final = frozenset({AddressType.COPY_LEADER})
_SMART: Final = frozenset({AddressType.SMART_TRADER})
STRANGERS: Final = 24


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, how they trade, and their share of the turns."""

    person: Person
    temper: Temper
    turns: int


def cast(names: Names) -> tuple[Actor, ...]:
    """Four leaders of different temper, one who is a smart trader as well, two smart traders, and strangers."""

    def known(
        label: str, roles: frozenset[AddressType], worth: int | None, win_rate: str | None = None
    ) -> Person:
        value = None if worth is None else Decimal(worth)
        return Person(
            label, names.wallet(label), roles, value, None if win_rate is None else Decimal(win_rate)
        )

    return (
        Actor(known("Wilma the whale", _LEADER, 250_000), whale, 4),
        Actor(known("Skip the scalper", _LEADER, 9_000), scalper, 14),
        Actor(known("Hilda the holder", _LEADER, 4_000), holder, 7),
        # Nobody knows what he is worth: a share of his bets cannot be copied.
        Actor(known("Rudi who redeems", _LEADER, None), redeemer, 8),
        Actor(known("Ada, leader and smart", _LEADER | _SMART, 30_000, "0.63"), scalper, 6),
        Actor(known("Smart Otto", _SMART, None, "0.61"), whale, 2),
        Actor(known("Smart Sybil", _SMART, None, "0.58"), stranger, 8),
        *(Actor(known(f"stranger {n}", frozenset(), None), stranger, 1) for n in range(1, STRANGERS + 1)),
    )


def watched(actors: tuple[Actor, ...]) -> tuple[Person, ...]:
    """Those with a role."""
    return tuple(actor.person for actor in actors if actor.person.roles)
