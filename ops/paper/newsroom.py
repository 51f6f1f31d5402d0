"""What changed goes to those who listen: after the commit, read back from the tables, in the order of the commits."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Final

import structlog

from ops.paper.events import Change, order_event, trade_event
from ops.paper.ledger import Ledger, LedgerError, Record
from ops.paper.listener import Listener, StreamForm
from ops.paper.tokens import Registry
from ops.paper.views import next_status_at, trade_status

_log = structlog.get_logger("paper.newsroom")
_UNSETTLED_SINCE: Final = timedelta(minutes=10)


class Newsroom:
    """Keeps the listeners; tells them of changes. Without listeners nothing is read and nothing kept."""

    def __init__(
        self, ledger: Ledger, registry: Registry, counterparty: str, clock: Callable[[], datetime]
    ) -> None:
        self._ledger = ledger
        self._registry = registry
        self._counterparty = counterparty
        self._clock = clock
        self._listeners: set[Listener] = set()
        self._changes: asyncio.Queue[Change] = asyncio.Queue()
        self.form = StreamForm()
        self.sent = 0

    def put(self, form: StreamForm) -> None:
        """How the stream misbehaves from now on."""
        self.form, self.sent = form, 0
        for listener in self._listeners:
            listener.behave(form)

    def cut(self) -> int:
        """All connections end; how many."""
        for listener in self._listeners:
            listener.cut.set()
        return len(self._listeners)

    def told(self) -> dict[str, object]:
        """How the stream behaves, and how many listen."""
        return {**self.form.model_dump(mode="json"), "listeners": len(self._listeners), "events": self.sent}

    async def join(self, listener: Listener) -> None:
        """From now on it hears; also of its trades under way."""
        listener.behave(self.form)
        self._listeners.add(listener)
        now = self._clock()
        values = {"owner": listener.address, "now": now, "since": now - _UNSETTLED_SINCE}
        for row in await self._ledger.read("trades_unsettled", values):
            await self._tell_later([row["trade_id"]])

    def leave(self, listener: Listener) -> None:
        """It hears no more."""
        self._listeners.discard(listener)

    def changed(self, change: Change) -> None:
        """Something was committed."""
        if self._listeners and (change.orders or change.trades):
            self._changes.put_nowait(change)

    async def run(self) -> None:
        """Change after change until cancelled."""
        while True:
            change = await self._changes.get()
            try:
                await self._tell(change)
            except LedgerError as error:
                _log.warning("change_not_told", error=str(error))

    async def _tell(self, change: Change) -> None:
        now = self._clock()
        orders = await self._rows("orders_changed", "order_ids", [order_id for order_id, _ in change.orders])
        by_id = {row["order_id"]: row for row in orders}
        for order_id, kind in change.orders:
            row = by_id.get(order_id)
            token = self._registry.get(row["token_id"]) if row is not None else None
            if row is not None and token is not None:
                self._send(row["signer"], order_event(row, token, kind, now))
        for row in await self._rows("trades_changed", "trade_ids", change.trades):
            token = self._registry.get(row["token_id"])
            if token is not None:
                self._send(row["signer"], trade_event(row, token, self._counterparty, now))
                self._remind(row, now)

    async def _rows(self, name: str, key: str, ids: Iterable[str]) -> list[Record]:
        wanted = list(ids)
        return await self._ledger.read(name, {key: wanted}) if wanted else []

    def _send(self, signer: str, event: dict[str, object]) -> None:
        for listener in self._listeners:
            if listener.address == signer:
                listener.put(event)
                self.sent += 1

    async def _tell_later(self, trade_ids: list[uuid.UUID]) -> None:
        for row in await self._rows("trades_changed", "trade_ids", [str(trade_id) for trade_id in trade_ids]):
            self._remind(row, self._clock())

    def _remind(self, row: Record, now: datetime) -> None:
        """A trade's next status comes by time alone: look again then."""
        at = next_status_at(row, trade_status(row, now))
        if at is not None:
            seconds = max(0.0, (at - now).total_seconds())
            change = Change(trades=(str(row["trade_id"]),))
            asyncio.get_running_loop().call_later(seconds, self.changed, change)
