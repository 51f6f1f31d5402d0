"""How the exchange misbehaves during a campaign: each named fault its share of the POSTs, by seed; and how it stops."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
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


def settings(seed: int, fault_percent: int) -> dict[str, str]:
    """The same as a setting of the exchange: it stands from its first request on, also after a kill."""
    return {"POLYCOOL_PAPER_CONDUCT": json.dumps(conduct(seed, fault_percent))} if fault_percent else {}


async def behave(environment: Mapping[str, str]) -> dict[str, int]:
    """From here on the exchange behaves; returns how often each fault acted since its last start."""
    headers = {"Authorization": f"Bearer {environment['POLYCOOL_PAPER_ADMIN_TOKEN']}"}
    async with httpx.AsyncClient(base_url=environment["POLYCOOL_PAPER_URL"], headers=headers) as client:
        while True:
            try:
                told = (await client.get("/paper/admin/conduct")).raise_for_status().json()
                (await client.put("/paper/admin/conduct", json={"rules": []})).raise_for_status()
            except httpx.HTTPError:
                await asyncio.sleep(PAUSE_SECONDS)
                continue
            return {rule["fault"] or rule["deed"]: rule["used"] for rule in told["rules"]}
