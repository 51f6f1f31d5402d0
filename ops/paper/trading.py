"""What a key's holder may do: post and cancel orders (polymarket.md §8.2)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

import orjson

from ops.paper.events import Announce, cancelled
from ops.paper.intake import Caller, IntakeTerms, examine
from ops.paper.keys import Keys
from ops.paper.ledger import Ledger, sql
from ops.paper.placement import Placed
from ops.paper.refusals import BAD_PAYLOAD, Refusal, too_many
from ops.paper.requests import Answer, Reply, Request, Twist
from ops.paper.settings import AmountUnits
from ops.paper.tokens import Registry
from ops.paper.views import order_answer, rejected_leg
from ops.paper.web import WebApp
from ops.paper.writer import Writer

MOST_POSTED: Final = 15
MOST_CANCELLED: Final = 1000
"""Orders per request (polymarket.md §1.1)."""

Private = Callable[[Request, Caller], Awaitable[Reply]]


class TradingRoutes:
    """Routes behind L2 that change something."""

    def __init__(
        self,
        keys: Keys,
        ledger: Ledger,
        registry: Registry,
        writer: Writer,
        *,
        terms: IntakeTerms,
        units: AmountUnits,
        clock: Callable[[], datetime],
        announce: Announce,
    ) -> None:
        self._keys = keys
        self._ledger = ledger
        self._registry = registry
        self._writer = writer
        self._terms = terms
        self._units = units
        self._clock = clock
        self._announce = announce

    def register(self, app: WebApp) -> None:
        """Put the routes into the application."""
        app.add("POST", "/auth/api-key", self._keys.create)
        app.add("GET", "/auth/derive-api-key", self._keys.derive)
        app.add("DELETE", "/auth/api-key", behind(self._keys, lambda _, caller: self._keys.delete(caller)))
        app.add("GET", "/auth/api-keys", behind(self._keys, lambda _, caller: self._keys.ids(caller)))
        app.add("POST", "/order", behind(self._keys, self.post_order))
        app.add("POST", "/orders", behind(self._keys, self.post_orders))
        app.add("DELETE", "/order", behind(self._keys, self.cancel_order))
        app.add("DELETE", "/orders", behind(self._keys, self.cancel_orders))
        app.add("DELETE", "/cancel-all", behind(self._keys, self.cancel_all))
        app.add("DELETE", "/cancel-market-orders", behind(self._keys, self.cancel_market))

    async def post_order(self, request: Request, caller: Caller) -> Reply:
        """One order."""
        verdict = await self._place(_parsed(request.body), caller, request.twist)
        return verdict if isinstance(verdict, Refusal) else Answer(order_answer(verdict, self._units))

    async def post_orders(self, request: Request, caller: Caller) -> Reply:
        """Up to fifteen orders, each on its own; a refused one does not stop the others."""
        bodies = _parsed(request.body)
        if not isinstance(bodies, list) or not bodies:
            return BAD_PAYLOAD
        if len(bodies) > MOST_POSTED:
            return too_many(len(bodies), MOST_POSTED)
        verdicts = await asyncio.gather(*(self._place(body, caller, request.twist) for body in bodies))
        return Answer(
            [
                rejected_leg(verdict.error)
                if isinstance(verdict, Refusal)
                else order_answer(verdict, self._units)
                for verdict in verdicts
            ]
        )

    async def cancel_order(self, request: Request, caller: Caller) -> Reply:
        """One open order."""
        body = _parsed(request.body)
        order_id = body.get("orderID") if isinstance(body, dict) else None
        return await self._cancel(caller, [order_id]) if isinstance(order_id, str) else BAD_PAYLOAD

    async def cancel_orders(self, request: Request, caller: Caller) -> Reply:
        """Several open orders."""
        body = _parsed(request.body)
        if not isinstance(body, list) or not all(isinstance(order_id, str) for order_id in body):
            return BAD_PAYLOAD
        if len(body) > MOST_CANCELLED:
            return too_many(len(body), MOST_CANCELLED)
        return await self._cancel(caller, body)

    async def cancel_all(self, _: Request, caller: Caller) -> Reply:
        """Every open order of the caller."""
        return await self._cancel(caller, None)

    async def cancel_market(self, request: Request, caller: Caller) -> Reply:
        """Every open order of the caller in a market, or in one token of it."""
        body = _parsed(request.body)
        if not isinstance(body, dict) or not (body.get("market") or body.get("asset_id")):
            return BAD_PAYLOAD
        token_ids = [str(body["asset_id"])] if body.get("asset_id") else None
        if body.get("market"):
            members = [token.token_id for token in self._registry.market(str(body["market"]))]
            token_ids = members if token_ids is None else [token for token in token_ids if token in members]
        return await self._cancel(caller, None, token_ids)

    async def _place(self, body: object, caller: Caller, twist: Twist) -> Placed | Refusal:
        placement = examine(body, caller, self._registry, self._terms, int(self._clock().timestamp()))
        if isinstance(placement, Refusal):
            return placement
        return await self._writer.place(replace(placement, twist=twist))

    async def _cancel(
        self, caller: Caller, order_ids: list[str] | None, token_ids: list[str] | None = None
    ) -> Reply:
        values = {
            "owner": caller.address,
            "order_ids": order_ids,
            "token_ids": token_ids,
            "now": self._clock(),
        }
        async with self._ledger.writing() as connection:
            cursor = await connection.execute(sql("cancel_orders"), values)
            over = [row[0] for row in await cursor.fetchall()]
            self._announce(cancelled(over))
        refused: dict[str, str] = {}
        left = [order_id for order_id in order_ids or () if order_id not in over]
        if left:
            found = await self._ledger.read("order_statuses", {"owner": caller.address, "order_ids": left})
            statuses = {row["order_id"]: row["status"] for row in found}
            refused = {order_id: _why_not(statuses.get(order_id)) for order_id in left}
        return Answer({"canceled": over, "not_canceled": refused})


def behind(keys: Keys, private: Private) -> Callable[[Request], Awaitable[Reply]]:
    """The route for those alone who prove to hold a key."""

    async def route(request: Request) -> Reply:
        caller = await keys.caller(request)
        return caller if isinstance(caller, Refusal) else await private(request, caller)

    return route


def _parsed(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except ValueError:
        return None


def _why_not(status: str | None) -> str:
    if status is None:
        return "order can't be found - already canceled or matched"
    if status == "LIVE":
        return "the order is delayed and can't be canceled yet"
    return f"the order is already {'matched' if status == 'MATCHED' else 'canceled'}"
