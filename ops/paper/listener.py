"""One connection of the user stream, and what may go wrong on it: silence, loss, doubles, another order, delay."""

from __future__ import annotations

import asyncio
import random
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from ops.paper.events import Event
from schemas.ids import Wallet

_Share = Annotated[float, Field(ge=0, le=1)]
_MOST_WAITING = 10_000
"""A listener that reads nothing for so many events is cut."""
_HELD_SECONDS = 1.0
"""An event that was to come behind the next one comes after this where there is no next one."""


class StreamForm(BaseModel):
    """``PUT /paper/admin/stream``: how the stream misbehaves from now on; without anything in it: not."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seed: int = 0
    duplicate: _Share = 0.0
    reorder: _Share = 0.0
    drop: _Share = 0.0
    delay: Annotated[float, Field(ge=0, le=3_600)] = 0.0
    """Seconds."""
    silent: bool = False
    """Connections stay open; PING stays unanswered and no event comes, now or later."""
    refuse: bool = False
    """New connections are refused."""
    address: Wallet | None = None
    """Of the signer; None: everybody."""

    def about(self, address: str) -> bool:
        """Whether it is about this signer."""
        return self.address in (None, address)


class Listener:
    """Whom it is for, which markets, and what waits to be sent. ``put`` never blocks."""

    def __init__(self, address: str, markets: frozenset[str] | None) -> None:
        self.address = address
        self.markets = markets
        self._queue: asyncio.Queue[tuple[float, Event]] = asyncio.Queue()
        self._held: tuple[float, Event] | None = None
        self._form = StreamForm()
        self._chance = random.Random(0)  # noqa: S311  # repeatable, nothing is secret
        self.silent = False
        self.cut = asyncio.Event()

    def behave(self, form: StreamForm) -> None:
        """How to misbehave from now on."""
        self._form = form if form.about(self.address) else StreamForm()
        self.silent = self._form.silent
        self._chance = random.Random(f"{form.seed}/{self.address}")  # noqa: S311

    def put(self, event: Event) -> None:
        """An event for this listener, if it is one of its markets; what happens to it is drawn now."""
        if self.silent or (self.markets is not None and str(event["market"]).lower() not in self.markets):
            return
        form = self._form
        lost, twice, later = (self._chance.random() for _ in range(3))
        if lost < form.drop:
            return
        due = asyncio.get_running_loop().time() + form.delay
        held, self._held = self._held, None
        if later < form.reorder and held is None:
            self._held = (due, event)
            asyncio.get_running_loop().call_later(_HELD_SECONDS, self._let_go, event)
            return
        self._wait(due, event)
        if twice < form.duplicate:
            self._wait(due, event)
        if held is not None:
            self._wait(*held)

    async def next(self) -> Event:
        """The next event, at its time."""
        due, event = await self._queue.get()
        await asyncio.sleep(max(0.0, due - asyncio.get_running_loop().time()))
        return event

    def _wait(self, due: float, event: Event) -> None:
        self._queue.put_nowait((due, event))
        if self._queue.qsize() > _MOST_WAITING:
            self.cut.set()

    def _let_go(self, event: Event) -> None:
        if self._held is not None and self._held[1] is event:
            held, self._held = self._held, None
            self._wait(*held)
