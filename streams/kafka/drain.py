"""Handing fetched messages to the agents without four asyncio tasks for each of them.

Faust waits for every single delivery with `wait_first` (four tasks a message) and sleeps a whole second when all
buffers are full; that holds a worker to some 8,000 messages a second. Here a delivery is run at once up to where it
really has to wait, which it hardly ever has; only then Faust's own way is taken. All the rest (offsets, gaps, flow
control, rebalances) is as upstream.

This replaces two of Faust's private methods. The start refuses any other text of them than the one that was read and
that the kill and rebalance tests were green with (`check_versions` in app.py).
"""

from __future__ import annotations

import asyncio
import hashlib
import inspect
from collections.abc import Coroutine, Generator
from typing import Any, Final, cast

from faust.transport.consumer import Consumer as FaustConsumer
from faust.transport.drivers import aiokafka as driver

# Upstream: 1 s. A buffer of a thousand messages is empty again after some 50 ms.
FULL_BUFFERS_SECONDS: Final = 0.002
# Upstream: 1 s, for which full partitions that have drained meanwhile would wait behind idle ones.
FETCH_SECONDS: Final = 0.05
# Deliveries between two looks at the other tasks of the loop, as upstream.
DELIVERIES_AT_ONCE: Final = 100

UPSTREAM: Final = {
    "_drain_messages": "44a2500309e83c63",
    "_wait_next_records": "6218e1969a636b3f",
}
"""The replaced methods with the digest of the text that was read (faust-streaming 0.15.3)."""


Delivery = Coroutine[Any, Any, Any]


class QuickConsumer(driver.Consumer):
    """aiokafka's consumer with a quicker way from the fetch to the agents' queues."""

    async def _wait_next_records(self, timeout: float) -> Any:
        if self.flow_active and not self._get_active_partitions():
            await asyncio.sleep(FULL_BUFFERS_SECONDS)
            return {}, set()
        return await super()._wait_next_records(min(timeout, FETCH_SECONDS))

    async def _drain_messages(self, fetcher: Any) -> None:
        try:
            while not (self._stopped.is_set() or fetcher._stopped.is_set()):
                await asyncio.sleep(0)
                await self._deliver_fetched()
        except self.consumer_stopped_errors:
            if not self.transport.app.should_stop:
                raise
        except asyncio.CancelledError:
            if not self.transport.app.should_stop:
                raise

    async def _deliver_fetched(self) -> None:
        delivered = 0
        async for place, message in self.getmany(timeout=1.0):
            delivered += 1
            if delivered % DELIVERIES_AT_ONCE == 0:
                await asyncio.sleep(0)
            offset, read = message.offset, self._read_offset[place]
            if read is not None and offset < read:
                continue
            if read and offset - read > 1 and self.app.topics.acks_enabled_for(message.topic):
                await self._add_gap(place, read + 1, offset)
            if self._commit_every is not None and self._n_acked >= self._commit_every:
                self._n_acked = 0
                await self.commit()
            rest = _begun(cast(Delivery, self.callback(message)))
            if rest is not None:
                await self.wait_first(rest, self.suspend_flow.wait())
            self._read_offset[place] = offset


class _Rest:
    """What is left of a coroutine that was run up to its first wait; may be awaited once, in any task."""

    def __init__(self, work: Delivery, awaited: Any) -> None:
        self._work = work
        self._awaited = awaited

    def __await__(self) -> Generator[Any, Any, None]:
        awaited = self._awaited
        fault: BaseException | None = None
        answer: Any = None
        while True:
            try:
                answer, fault = (yield awaited), None
            except BaseException as raised:
                fault = raised
            try:
                awaited = self._work.send(answer) if fault is None else self._work.throw(fault)
            except StopIteration:
                return


def _begun(work: Delivery) -> _Rest | None:
    """Run a coroutine up to its first wait; None when it had none."""
    try:
        return _Rest(work, work.send(None))
    except StopIteration:
        return None


def digests() -> dict[str, str]:
    """The text of the replaced methods as it is installed, as digests."""
    return {
        name: hashlib.sha256(inspect.getsource(getattr(FaustConsumer, name)).encode()).hexdigest()[:16]
        for name in UPSTREAM
    }
