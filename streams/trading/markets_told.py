"""The paper exchange is told what a token is before the first order in it, and again when that changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

from schemas.enums import Venue
from streams.tables import market_facts
from streams.tables.pool import Pool
from streams.venues.paper_admin import PaperAdmin
from streams.venues.venue import MarketFacts


class MarketsTold:
    """Remembers which version of each token was told; the real exchange needs no telling."""

    def __init__(self, pool: Pool, paper: PaperAdmin) -> None:
        self._pool = pool
        self._paper = paper
        self._told: dict[str, int] = {}

    def knows(self, venue: Venue, token_id: str, version: int) -> bool:
        """Whether an order in the token may go out."""
        return venue is not Venue.PAPER or self._told.get(token_id, -1) >= version

    async def tell(self, versions: Mapping[str, int]) -> None:
        """Tell what is missing. Raises ``VenueFault``; a token that ``markets`` does not know counts as told."""
        missing = [token for token, version in versions.items() if self._told.get(token, -1) < version]
        if not missing:
            return
        known = await market_facts.of_tokens(self._pool, missing)
        if known:
            facts = [
                {name: value for name, value in asdict(each).items() if name != "version"} for each in known
            ]
            await self._paper.put_markets([MarketFacts(**each) for each in facts])
        for token in missing:
            self._told[token] = versions[token]
        for each in known:
            self._told[each.token_id] = max(self._told[each.token_id], each.version)
