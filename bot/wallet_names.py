"""Short names of wallets that nobody follows yet, for buttons: `L-…`, made from the address, so nothing is stored.

The way back is a memory of what was shown; after a restart the tapped message itself still holds the address (its
copy button), or the lists that had it are looked at again.
"""

from __future__ import annotations

import re
from typing import Final

from cachetools import LRUCache

from schemas.ids import short_name

NAMES_KEPT: Final = 200_000
_ADDRESS: Final = re.compile(r"0x[0-9a-f]{40}")


def wallet_name(wallet: str) -> str:
    """`L-…` of an address."""
    return short_name("L", wallet)


class WalletNames:
    """Name → address, as far as it was shown lately."""

    def __init__(self) -> None:
        self._known: LRUCache[str, str] = LRUCache(NAMES_KEPT)

    def of(self, wallet: str) -> str:
        """The wallet's name; it can be found again."""
        name = wallet_name(wallet)
        self._known[name] = wallet
        return name

    def wallet(self, name: str, *, hint: str | None = None) -> str | None:
        """The address of a name; `hint`: an address that may be it (from the tapped message)."""
        if hint is not None and _ADDRESS.fullmatch(hint) and wallet_name(hint) == name:
            self._known[name] = hint
        found: str | None = self._known.get(name)
        return found
