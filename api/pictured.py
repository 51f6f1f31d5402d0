"""The operators' picture as it was drawn last, kept for all who look on at this process."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field


@dataclass(slots=True)
class Pictured:
    """``text`` is JSON; ``drawn`` and ``counted`` are monotonic moments, the latter of the counts of an hour."""

    text: str = ""
    drawn: float = float("-inf")
    counted: float = float("-inf")
    hour: dict[str, int] = field(default_factory=dict)
    bought_twice: int = 0
    drawing: asyncio.Lock = field(default_factory=asyncio.Lock)
