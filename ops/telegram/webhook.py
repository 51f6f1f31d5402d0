"""Delivery of updates to a bot's webhook: in order, with the secret header, repeated until it is taken."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Any, Final

import httpx

from ops.telegram.updates import UpdateLine

SECRET_HEADER: Final = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - a header's name
# The real one waits longer and longer; short here, so that nobody waits for a test.
BACK_OFF_SECONDS: Final = (0.1, 0.2, 0.5, 1.0)
ANSWER_SECONDS: Final = 10.0


@dataclass(frozen=True)
class Hook:
    """Where a bot wants its updates."""

    url: str
    secret: str | None = None
    max_connections: int = 40


class Delivery:
    """Delivers one bot's updates while a webhook is set."""

    def __init__(self, line: UpdateLine) -> None:
        self._line = line
        self.hook: Hook | None = None
        self.last_error: tuple[int, str] | None = None
        self.delivered = 0
        self.repeated = 0
        self.doubles = 0
        """So many of the next updates are delivered once more after they were taken."""
        self._task: asyncio.Task[None] | None = None

    def set(self, hook: Hook | None) -> None:
        """Deliver there from now on; None ends it."""
        self.stop()
        self.hook, self.last_error = hook, None
        if hook is not None:
            self._task = asyncio.create_task(self._run(hook))

    def stop(self) -> None:
        """Deliver no more."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def described(self) -> dict[str, Any]:
        """The Bot API's WebhookInfo."""
        known: dict[str, Any] = {
            "url": self.hook.url if self.hook else "",
            "has_custom_certificate": False,
            "pending_update_count": self._line.waiting,
        }
        if self.hook is not None:
            known["max_connections"] = self.hook.max_connections
        if self.last_error is not None:
            known["last_error_date"], known["last_error_message"] = self.last_error
        return known

    async def _run(self, hook: Hook) -> None:
        headers = {SECRET_HEADER: hook.secret} if hook.secret else {}
        async with httpx.AsyncClient(timeout=ANSWER_SECONDS, headers=headers) as client:
            failures = 0
            while True:
                update = await self._line.first()
                fault = await self._deliver(client, hook.url, update)
                if fault is None:
                    failures = 0
                    self._line.acknowledge(update["update_id"] + 1)
                    continue
                self.last_error = (int(time.time()), fault)
                self.repeated += 1
                await asyncio.sleep(BACK_OFF_SECONDS[min(failures, len(BACK_OFF_SECONDS) - 1)])
                failures += 1

    async def _deliver(self, client: httpx.AsyncClient, url: str, update: dict[str, Any]) -> str | None:
        try:
            answer = await client.post(url, json=update)
            if self.doubles > 0 and answer.is_success:
                self.doubles -= 1
                await client.post(url, json=update)
        except httpx.HTTPError as error:
            return f"Connection failed: {type(error).__name__}"
        if not answer.is_success:
            return f"Wrong response from the webhook: {answer.status_code} {answer.reason_phrase}"
        self.delivered += 1
        return None
