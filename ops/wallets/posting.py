"""Wallets put on watch through the API, a few at a time."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

from ops.failures import Missing
from ops.output import say

AT_ONCE: Final = 6
CALL_SECONDS: Final = 20.0
TELL_SECONDS: Final = 2.0


@dataclass(slots=True)
class Posted:
    """What became of them: new wallets, known ones that were told more, and those the API refused, with its words."""

    new: int = 0
    known: int = 0
    refused: list[dict[str, str]] = field(default_factory=list)


async def put_on_watch(settings: Mapping[str, str], bodies: Sequence[Mapping[str, Any]]) -> Posted:
    """Tell the API of every wallet; Missing without a token or when it does not answer."""
    token = settings.get("POLYCOOL_OPERATOR_TOKEN")
    if not token:
        raise Missing("POLYCOOL_OPERATOR_TOKEN is not set and no stack runs here: the API asks for it.")
    url = settings.get("POLYCOOL_API_URL") or f"http://127.0.0.1:{settings.get('POLYCOOL_API_PORT') or 8000}"
    posted, waiting, told = Posted(), list(reversed(bodies)), time.monotonic()
    headers = {"Authorization": f"Bearer {token}", "Polycool-Operator": "import"}
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=CALL_SECONDS) as client:

        async def worker() -> None:
            nonlocal told
            while waiting:
                await _post(client, waiting.pop(), posted)
                if time.monotonic() - told >= TELL_SECONDS:
                    told = time.monotonic()
                    say(f"{len(bodies) - len(waiting):,} of {len(bodies):,} wallets")

        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(worker())
    return posted


async def _post(client: httpx.AsyncClient, body: Mapping[str, Any], posted: Posted) -> None:
    key = {"Idempotency-Key": uuid.uuid4().hex}
    answer = await client.post("/v1/watched-addresses", json=body, headers=key)
    if answer.status_code == httpx.codes.CREATED:
        posted.new += 1
    elif answer.status_code == httpx.codes.OK:
        posted.known += 1
    elif answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY:
        posted.refused.append({"wallet": str(body["wallet"]), "reason": str(answer.json()["detail"])})
    else:
        raise Missing(f"the API answers {answer.status_code} to /v1/watched-addresses: is the token right?")
