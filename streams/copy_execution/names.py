"""Names of copy orders, each given once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from schemas.ids import copy_order_name

ATTEMPTS: Final = 4
"""Names tried for one copy order. Seven characters hold 3.4e10 names: a fourth collision in a row does not happen."""


class Names:
    """Gives each copy order the first of its names that nobody has; ``taken`` are those of other copy orders."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._gone = set(taken)

    def give(self, wallet: str, trade_id: str, allocation_id: str) -> str:
        """A free name for one trade × one allocation."""
        for attempt in range(ATTEMPTS):
            name = copy_order_name(wallet, trade_id, allocation_id, attempt)
            if name not in self._gone:
                self._gone.add(name)
                return name
        raise RuntimeError(f"no free name for the copy of {trade_id} for {allocation_id}")


def candidates(wallet: str, trade_id: str, allocation_id: str) -> list[str]:
    """The names a copy order may have, the best first."""
    return [copy_order_name(wallet, trade_id, allocation_id, attempt) for attempt in range(ATTEMPTS)]
