"""Which tokens' prices are due: what somebody looks at first, then what was not seen for longest. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from streams.tables.prices import Priced

WISHED: Final = 0
HELD: Final = 1
# An entry is forgotten when nobody wished or held the token for so long.
_FORGOTTEN_SECONDS: Final = 300.0


class PriceLine:
    """``every``: how often a token of each class is looked at, in seconds; times are monotonic."""

    def __init__(self, every: Mapping[int, float]) -> None:
        self._every = every
        self._seen: dict[str, float] = {}

    def due(self, wished: Iterable[Priced], held: Iterable[Priced], now: float, most: int) -> list[Priced]:
        """At most so many tokens whose price is due."""
        classes: dict[str, tuple[int, Priced]] = {}
        for which, tokens in ((HELD, held), (WISHED, wished)):
            for each in tokens:
                classes[each.token_id] = (which, each)
        ready = [
            (which, seen, each)
            for token_id, (which, each) in classes.items()
            if now - (seen := self._seen.get(token_id, float("-inf"))) >= self._every[which]
        ]
        ready.sort(key=lambda entry: entry[:2])
        return [each for _, _, each in ready[:most]]

    def looked(self, tokens: Iterable[Priced], now: float) -> None:
        """These were asked for, whatever the answer: one that fails must not hold up the others."""
        for each in tokens:
            self._seen[each.token_id] = now
        if len(self._seen) > 20_000:
            self._seen = {key: at for key, at in self._seen.items() if now - at < _FORGOTTEN_SECONDS}
