"""Addresses, hashes and token ids derived from the seed: of the right shape, nobody's."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Names:
    """Everything of one seed has names that no other seed's play has."""

    seed: int

    def wallet(self, label: str) -> str:
        """0x and 40 hex characters."""
        return f"0x{self._digest('wallet', label)[:40]}"

    def transaction(self, number: int) -> str:
        """0x and 64 hex characters."""
        return f"0x{self._digest('transaction', str(number))}"

    def order(self, number: int) -> str:
        """0x and 64 hex characters."""
        return f"0x{self._digest('order', str(number))}"

    def market(self, question: str) -> str:
        """A condition id: 0x and 64 hex characters."""
        return f"0x{self._digest('market', question)}"

    def token(self, question: str, outcome: str) -> str:
        """Up to 78 decimal digits, as the exchange's are."""
        return str(int(self._digest("token", question, outcome), 16))

    def _digest(self, *parts: str) -> str:
        return hashlib.sha256("\x1f".join((str(self.seed), *parts)).encode()).hexdigest()
