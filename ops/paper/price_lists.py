"""Prices of several tokens in one request: each as the single routes give it, unknown ones left out."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import orjson

from ops.paper.refusals import BAD_PAYLOAD
from ops.paper.requests import Answer, Reply, Request, Route
from ops.paper.tokens import Registry, Token
from ops.paper.web import WebApp
from schemas.money import plain

Best = Callable[[Token], tuple[Decimal | None, Decimal | None]]
"""Best bid and best ask of a token."""


class PriceLists:
    """Routes that answer for a list of tokens."""

    def __init__(self, registry: Registry, best: Best) -> None:
        self._registry = registry
        self._best = best

    def register(self, app: WebApp) -> None:
        """Put the routes into the application."""
        app.add("POST", "/prices", self._over(self._prices))
        app.add("POST", "/midpoints", self._over(self._midpoints))
        app.add("POST", "/spreads", self._over(self._spreads))
        app.add("POST", "/last-trades-prices", self._over(self._last_trades))

    def _over(self, answer: Callable[[list[tuple[Token, str]]], object]) -> Route:
        async def route(request: Request) -> Reply:
            try:
                wanted = [
                    (str(one["token_id"]), str(one.get("side", ""))) for one in orjson.loads(request.body)
                ]
            except (ValueError, TypeError, KeyError, AttributeError):
                return BAD_PAYLOAD
            known = [(token, side) for token_id, side in wanted if (token := self._registry.get(token_id))]
            return Answer(answer([(token, side) for token, side in known if not token.closed]))

        return route

    def _prices(self, asked: list[tuple[Token, str]]) -> object:
        prices: dict[str, dict[str, str]] = {}
        for token, side in asked:
            bid, ask = self._best(token)
            best = {"BUY": bid, "SELL": ask}.get(side)
            if best is not None:
                prices.setdefault(token.token_id, {})[side] = plain(best)
        return prices

    def _midpoints(self, asked: list[tuple[Token, str]]) -> object:
        return {token.token_id: plain((bid + ask) / 2) for token, bid, ask in self._two_sided(asked)}

    def _spreads(self, asked: list[tuple[Token, str]]) -> object:
        return {token.token_id: plain(ask - bid) for token, bid, ask in self._two_sided(asked)}

    def _last_trades(self, asked: list[tuple[Token, str]]) -> object:
        return [
            {"token_id": token.token_id, "price": plain(token.last_price), "side": token.last_side or "BUY"}
            for token, _ in asked
            if token.last_price is not None
        ]

    def _two_sided(self, asked: list[tuple[Token, str]]) -> list[tuple[Token, Decimal, Decimal]]:
        found = ((token, *self._best(token)) for token, _ in asked)
        return [(token, bid, ask) for token, bid, ask in found if bid is not None and ask is not None]
