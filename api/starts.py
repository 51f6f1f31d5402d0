"""When each process was started, as their own figures say (`process_start_time_seconds`). The tables know the trading
worker's; a process that leaves no row there is asked at its `/metrics`, and what it said is remembered while we run."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import httpx
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families

from schemas.console_views import Mark

# Processes come back within seconds; one that dies again at once is seen at every look.
LOOK_SECONDS: Final = 10.0
# A process that is well answers in milliseconds; who does not answer is asked again at the next look.
_ANSWER_SECONDS: Final = 1.0
# The longest window of the console.
_KEPT: Final = timedelta(days=7)
_FIGURE: Final = "process_start_time_seconds"


class Starts:
    """Starts of the processes that `watched` names (`name=url` of their figures), and of this one."""

    def __init__(self, own: CollectorRegistry, watched: Sequence[str]) -> None:
        self._watched = [(name, url) for name, _, url in (each.partition("=") for each in watched)]
        self._seen: set[tuple[datetime, str]] = set()
        if (began := own.get_sample_value(_FIGURE)) is not None:
            self._seen.add((datetime.fromtimestamp(began, UTC), "api"))

    def since(self, at: datetime) -> list[Mark]:
        """Those known from a time on, the oldest first."""
        return [
            Mark(at=began, kind="restart", text=name) for began, name in sorted(self._seen) if began >= at
        ]

    async def look(self) -> None:
        """Ask each process once; one that does not answer keeps what was known of it."""
        if not self._watched:
            return
        async with httpx.AsyncClient(
            timeout=_ANSWER_SECONDS, trust_env=False, follow_redirects=False
        ) as http:
            found = await asyncio.gather(*(_start_of(http, url) for _, url in self._watched))
        for (name, _), began in zip(self._watched, found, strict=True):
            if began is not None:
                self._seen.add((began, name))
        oldest = datetime.now(UTC) - _KEPT
        self._seen = {(began, name) for began, name in self._seen if began >= oldest or name == "api"}

    async def look_for_ever(self) -> None:
        """Every ten seconds, until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK_SECONDS)


async def _start_of(http: httpx.AsyncClient, url: str) -> datetime | None:
    try:
        answer = await http.get(url)
        answer.raise_for_status()
        families = text_string_to_metric_families(answer.text)
        said = [sample.value for family in families for sample in family.samples if sample.name == _FIGURE]
        return datetime.fromtimestamp(said[0], UTC) if said else None
    except (httpx.HTTPError, ValueError, OverflowError, OSError):
        return None
