"""What people do meanwhile: they pause followings and go on with them, through an API that is killed now and then."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from random import Random
from typing import Final

import httpx

from ops.demo.faces import acting, mint_of

PAUSE_SECONDS: Final = 0.2
EVERY_SECONDS: Final = 1.0
_LATER: Final = (httpx.codes.CONFLICT, httpx.codes.TOO_MANY_REQUESTS)


class Errands:
    """Pauses and resumes by chance; ``followings`` are user and allocation."""

    def __init__(self, settings: Mapping[str, str], followings: Sequence[tuple[str, str]], seed: int) -> None:
        self.done = 0
        self._settings = settings
        self._followings = followings
        self._chance = Random(f"errands {seed}")  # noqa: S311 (a campaign, not a secret)

    async def run(self) -> None:
        """Until cancelled: one following is paused, and resumed a moment later; none is left paused in between."""
        mint = mint_of(self._settings)
        async with httpx.AsyncClient(base_url=self._settings["POLYCOOL_API_URL"], timeout=10.0) as client:
            while True:
                user_id, allocation_id = self._chance.choice(self._followings)
                for deed in ("pause", "resume"):
                    path = f"/v1/allocations/{allocation_id}/{deed}"
                    await _until_done(client, path, partial(acting, mint, user_id))
                    await asyncio.sleep(self._chance.uniform(0.1, EVERY_SECONDS))
                self.done += 1


async def _until_done(client: httpx.AsyncClient, path: str, signed: Callable[[], dict[str, str]]) -> None:
    """Ask with one idempotency key until there is an answer other than `try again`."""
    key = {"Idempotency-Key": uuid.uuid4().hex}
    while True:
        try:
            answer = await client.post(path, headers=key | signed())
        except httpx.TransportError:
            await asyncio.sleep(PAUSE_SECONDS)
            continue
        if answer.status_code < 500 and answer.status_code not in _LATER:
            assert answer.is_success, f"{path}: {answer.status_code} {answer.text}"
            return
        await asyncio.sleep(PAUSE_SECONDS)
