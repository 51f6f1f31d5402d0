"""How the exchange misbehaves during a campaign: each named fault its share of the POSTs, by seed; and how it stops."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, Final

import httpx

PAUSE_SECONDS: Final = 0.5
# Fields that differ from the fault's own: nothing is waited for longer than a worker waits, plus as long again.
FIELDS: Final[Mapping[str, Mapping[str, Any]]] = {
    "accept_then_hang": {"seconds": 10.0},
    "accept_then_cut": {},
    "accept_then_500": {},
    "accept_then_malformed": {},
    "accept_then_duplicated": {},
    "arrive_late": {"seconds": 8.0},
    "slow": {"seconds_to": 4.0},
    "refuse_late": {"seconds": 2.0},
    "cut": {},
    "malformed": {},
    "server_error": {},
    "not_inserted": {},
    "restarting": {},
    "maintenance": {},
    "cancel_only": {},
    "post_only": {},
    "rate_limited": {},
    "partial_fill": {},
    "balance_lags": {},
    "settlement_fails": {},
    "rests_delayed": {},
    "rests_live": {},
    "rests_unmatched": {},
}


def conduct(seed: int, fault_percent: int) -> dict[str, Any]:
    """The exchange's conduct: all faults alike often."""
    share = round(fault_percent / 100 / len(FIELDS), 6)
    return {
        "seed": seed,
        "rules": [{"fault": fault, "share": share, **fields} for fault, fields in FIELDS.items()],
    }


class Misbehaviour:
    """Tells the exchange how to behave, anew after each of its starts (``start``: which one it is), and counts."""

    def __init__(
        self, environment: Mapping[str, str], seed: int, fault_percent: int, start: Callable[[], int]
    ) -> None:
        self._url = environment["POLYCOOL_PAPER_URL"]
        self._headers = {"Authorization": f"Bearer {environment['POLYCOOL_PAPER_ADMIN_TOKEN']}"}
        self._seed, self._percent = seed, fault_percent
        self._start = start
        self._used: dict[int, dict[str, int]] = {}

    @property
    def used(self) -> dict[str, int]:
        """How often each fault acted, as far as it was told before the exchange was killed."""
        whole: Counter[str] = Counter()
        for counts in self._used.values():
            whole.update(counts)
        return dict(sorted(whole.items()))

    async def keep(self) -> None:
        """Until cancelled: whatever is killed, the exchange misbehaves; each start with chances of its own."""
        while self._percent:
            start = self._start()
            with contextlib.suppress(httpx.HTTPError):
                if start not in self._used:
                    await self._put(conduct(self._seed + len(self._used), self._percent))
                    self._used[start] = {}
                await self._count(start)
            await asyncio.sleep(PAUSE_SECONDS)

    async def end(self) -> None:
        """From here on the exchange behaves."""
        while self._percent:
            try:
                await self._count(self._start())
                await self._put({"rules": []})
            except httpx.HTTPError:
                await asyncio.sleep(PAUSE_SECONDS)
            else:
                return

    async def _put(self, told: Mapping[str, Any]) -> None:
        async with httpx.AsyncClient(base_url=self._url, headers=self._headers) as client:
            (await client.put("/paper/admin/conduct", json=told)).raise_for_status()

    async def _count(self, start: int) -> None:
        async with httpx.AsyncClient(base_url=self._url, headers=self._headers) as client:
            told = (await client.get("/paper/admin/conduct")).raise_for_status().json()
        self._used[start] = {rule["fault"]: rule["used"] for rule in told["rules"] if rule["used"]}
