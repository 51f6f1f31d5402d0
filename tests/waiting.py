"""Waiting for a condition with a bound, instead of sleeping."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar, overload

T = TypeVar("T")


@overload
async def eventually(
    condition: Callable[[], Awaitable[T]], timeout: float = 15.0, *, every: float = 0.02
) -> T: ...


@overload
async def eventually(condition: Callable[[], T], timeout: float = 15.0, *, every: float = 0.02) -> T: ...


async def eventually(
    condition: Callable[[], object], timeout: float = 15.0, *, every: float = 0.02
) -> object:
    """Ask `condition` (plain or async) until it answers something true; returns that answer.

    An AssertionError inside it counts as "not yet". Raises AssertionError with the last answer after `timeout`.
    """
    deadline = time.monotonic() + timeout
    while True:
        last: object
        try:
            asked = condition()
            last = await asked if inspect.isawaitable(asked) else asked
            if last:
                return last
        except AssertionError as error:
            last = error
        if time.monotonic() > deadline:
            raise AssertionError(f"not so within {timeout} s; last: {last!r}")
        await asyncio.sleep(every)
