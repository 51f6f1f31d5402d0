"""What the feed of smart trading is narrowed to, as it stands in a button: five signs and the page (UX S12). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

from bot.callbacks import base36

LEAST_USDC: Final = tuple(Decimal(sum_) for sum_ in (300, 1_000, 2_500, 10_000))
# None: of any age.
AGES_SECONDS: Final = (None, 300, 3_600, 86_400)
KINDS: Final = (None, "politics", "sports", "crypto")
MOVED_USDC: Final = Decimal("0.03")
PAGES_MAX: Final = 19


@dataclass(frozen=True, slots=True)
class Filters:
    """Places in the lists above, and the page from 0 on."""

    first: bool = False
    least: int = 0
    age: int = 0
    kind: int = 0
    near: bool = False
    page: int = 0

    @classmethod
    def read(cls, arg: str) -> Filters:
        """What a button holds; what does not fit is as nothing was chosen."""
        if len(arg) < 5 or not arg[:5].isascii() or not arg[:5].isdigit():
            return cls()
        first, least, age, kind, near = (int(sign) for sign in arg[:5])
        try:
            page = int(arg[5:], 36) if arg[5:] else 0
        except ValueError:
            page = 0
        return cls(
            bool(first),
            min(least, len(LEAST_USDC) - 1),
            min(age, len(AGES_SECONDS) - 1),
            min(kind, len(KINDS) - 1),
            bool(near),
            min(page, PAGES_MAX),
        )

    @property
    def arg(self) -> str:
        """For a button."""
        chosen = f"{int(self.first)}{self.least}{self.age}{self.kind}{int(self.near)}"
        return chosen + (base36(self.page) if self.page else "")

    def at(self, page: int) -> Filters:
        """The same on another page."""
        return replace(self, page=page)

    def asked(self) -> Mapping[str, Any]:
        """The parameters of the list of signals."""
        return {
            "min_usdc": str(LEAST_USDC[self.least]),
            "first_entry": "true" if self.first else None,
            "max_age": AGES_SECONDS[self.age],
            "category": KINDS[self.kind],
            "max_move": str(MOVED_USDC) if self.near else None,
        }
