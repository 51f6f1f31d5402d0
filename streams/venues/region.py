"""Where our orders come from, as the exchange sees it, and whether it takes orders from there. Nobody goes round it."""

from __future__ import annotations

from dataclasses import dataclass

from streams.venues.answers import clean
from streams.venues.faults import VenueFault
from streams.venues.values import mapping
from streams.venues.wire import Wire


@dataclass(frozen=True, slots=True)
class RegionSeen:
    """``name`` is the exchange's own (a country, perhaps with a part of it)."""

    name: str
    allowed: bool


class Region:
    """The exchange's own answer to the question from where it refuses orders (``GET …/geoblock``)."""

    def __init__(self, url: str, *, seconds: float) -> None:
        self._wire = Wire(url, connections=2, read_seconds=seconds)

    async def close(self) -> None:
        """Give the connections back."""
        await self._wire.close()

    async def look(self) -> RegionSeen:
        """Raises ``VenueFault`` where the answer does not say."""
        _, said = await self._wire.get("")
        fields = mapping(said, "a region")
        blocked = fields.get("blocked")
        if not isinstance(blocked, bool):
            raise VenueFault("a region that cannot be read")
        parts = [
            clean(part) for part in (fields.get("country"), fields.get("region")) if isinstance(part, str)
        ]
        return RegionSeen("-".join(part for part in parts if part)[:40] or "unnamed", not blocked)
