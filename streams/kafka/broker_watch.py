"""Whether the broker answers, looked at by itself: a stage without messages would not notice that it is gone."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Final

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError

from streams.kafka.access import reach

LOOK_SECONDS: Final = 5.0
# A broker that is there tells its topics in milliseconds.
ANSWER_SECONDS: Final = 3.0


class BrokerWatch:
    """Looks every five seconds until it is cancelled; ``told`` hears 1 for an answer, 0 for none."""

    def __init__(self, kafka: str, told: Callable[[float], None]) -> None:
        self._kafka = kafka
        self._told = told
        self._client: AIOKafkaClient | None = None

    async def run(self) -> None:
        """Look for ever; a broker that is away is no fault of this task."""
        try:
            while True:
                self._told(float(await self._answers()))
                await asyncio.sleep(LOOK_SECONDS)
        finally:
            await self._close()

    async def _answers(self) -> bool:
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                if self._client is None:
                    self._client = AIOKafkaClient(**reach(self._kafka))
                    await self._client.bootstrap()
                await self._client.fetch_all_metadata()
        except (KafkaError, TimeoutError, OSError):
            await self._close()
            return False
        return True

    async def _close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            with contextlib.suppress(KafkaError, TimeoutError, OSError):
                async with asyncio.timeout(ANSWER_SECONDS):
                    await client.close()
