"""What anybody may ask: time, markets, books, prices (polymarket.md §8.2)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

import orjson

from ops.paper.price_lists import PriceLists
from ops.paper.refusals import BAD_PAYLOAD, NO_BOOK, NO_MARKET
from ops.paper.requests import Answer, Reply, Request
from ops.paper.tokens import Book, Registry, Token
from ops.paper.views import (
    END,
    book_view,
    cursor_after,
    market_short,
    market_view,
    page,
    read_cursor,
    shown_book,
)
from ops.paper.web import WebApp
from schemas.money import plain

_MARKETS_PER_PAGE = 500
_VERSION = 2


class PublicRoutes:
    """Routes without authentication."""

    def __init__(
        self, registry: Registry, clock: Callable[[], datetime], *, region_blocked: bool = False
    ) -> None:
        self._registry = registry
        self._clock = clock
        self._region_blocked = region_blocked

    def register(self, app: WebApp) -> None:
        """Put the routes into the application."""
        app.add("GET", "/", self.ok)
        app.add("GET", "/ok", self.ok)
        app.add("GET", "/time", self.time)
        app.add("GET", "/api/geoblock", self.geoblock)
        app.add("GET", "/version", self.version)
        app.add("GET", "/tick-size", self.tick_size)
        app.add("GET", "/neg-risk", self.neg_risk)
        app.add("GET", "/fee-rate", self.fee_rate)
        app.add("GET", "/fees/builder-fees/*", self.builder_fees)
        app.add("GET", "/markets-by-token/*", self.market_of_token)
        app.add("GET", "/clob-markets/*", self.short_market)
        app.add("GET", "/markets", self.markets)
        app.add("GET", "/markets/*", self.market)
        app.add("GET", "/book", self.book)
        app.add("POST", "/books", self.books)
        app.add("GET", "/price", self.price)
        app.add("GET", "/midpoint", self.midpoint)
        app.add("GET", "/spread", self.spread)
        app.add("GET", "/last-trade-price", self.last_trade_price)
        PriceLists(self._registry, self._best).register(app)

    async def ok(self, _: Request) -> Reply:
        """Alive."""
        return Answer("OK")

    async def time(self, _: Request) -> Reply:
        """The exchange's clock in whole seconds."""
        return Answer(int(self._clock().timestamp()))

    async def geoblock(self, request: Request) -> Reply:
        """Whether orders from the asker's region are refused, in the form of the real one's."""
        place = {"ip": request.client, "country": "IE", "region": "L"}
        return Answer({"blocked": self._region_blocked, **place})

    async def version(self, _: Request) -> Reply:
        """Which orders it takes."""
        return Answer({"version": _VERSION})

    async def builder_fees(self, _: Request) -> Reply:
        """No builder is registered here."""
        return NO_MARKET

    async def tick_size(self, request: Request) -> Reply:
        """The token's tick as a number."""
        token = self._open(request)
        return NO_BOOK if token is None else Answer({"minimum_tick_size": orjson.Fragment(plain(token.tick))})

    async def neg_risk(self, request: Request) -> Reply:
        """Whether the token's orders are signed for the neg-risk exchange."""
        token = self._open(request)
        return NO_BOOK if token is None else Answer({"neg_risk": token.neg_risk})

    async def fee_rate(self, request: Request) -> Reply:
        """The rate in basis points; only orders of the first version used it."""
        token = self._open(request)
        return NO_BOOK if token is None else Answer({"base_fee": int(token.fee_rate * 10_000)})

    async def market_of_token(self, request: Request) -> Reply:
        """From a token to its market and both outcomes."""
        token = self._registry.get(request.rest)
        if token is None:
            return NO_MARKET
        ids = [sibling.token_id for sibling in self._registry.market(token.condition_id)]
        others = [token_id for token_id in ids if token_id != ids[0]]
        return Answer(
            {
                "condition_id": token.condition_id,
                "primary_token_id": ids[0],
                "secondary_token_id": others[0] if others else "",
            }
        )

    async def short_market(self, request: Request) -> Reply:
        """What clients need for an order, in short keys."""
        tokens = self._registry.market(request.rest)
        return Answer(market_short(tokens)) if tokens else NO_MARKET

    async def market(self, request: Request) -> Reply:
        """One market in full."""
        tokens = self._registry.market(request.rest)
        return Answer(market_view(tokens)) if tokens else NO_MARKET

    async def markets(self, request: Request) -> Reply:
        """All markets, page by page."""
        try:
            start = int(read_cursor(request.query.get("next_cursor")) or "0")
        except ValueError:
            return BAD_PAYLOAD
        conditions = self._registry.conditions()
        end = start + _MARKETS_PER_PAGE
        rows = [market_view(self._registry.market(condition)) for condition in conditions[start:end]]
        return Answer(page(rows, _MARKETS_PER_PAGE, cursor_after(str(end)) if end < len(conditions) else END))

    async def book(self, request: Request) -> Reply:
        """The book of one token."""
        token = self._open(request)
        return NO_BOOK if token is None else Answer(book_view(token, self._shown(token)))

    async def books(self, request: Request) -> Reply:
        """The books of several tokens; unknown ones are left out."""
        try:
            wanted = [str(entry["token_id"]) for entry in orjson.loads(request.body)]
        except (ValueError, TypeError, KeyError):
            return BAD_PAYLOAD
        tokens = (self._registry.get(token_id) for token_id in wanted)
        return Answer([book_view(token, self._shown(token)) for token in tokens if token is not None])

    async def price(self, request: Request) -> Reply:
        """Best bid for ``side=BUY``, best ask for ``side=SELL``."""
        token = self._open(request)
        side = request.query.get("side", "")
        if token is None:
            return NO_BOOK
        if side not in ("BUY", "SELL"):
            return BAD_PAYLOAD
        bid, ask = self._best(token)
        best = bid if side == "BUY" else ask
        return NO_BOOK if best is None else Answer({"price": plain(best)})

    async def midpoint(self, request: Request) -> Reply:
        """Halfway between best bid and best ask; both spellings that clients read."""
        token = self._open(request)
        bid, ask = self._best(token) if token is not None else (None, None)
        if bid is None or ask is None:
            return NO_BOOK
        middle = plain((bid + ask) / 2)
        return Answer({"mid": middle, "mid_price": middle})

    async def spread(self, request: Request) -> Reply:
        """Best ask less best bid."""
        token = self._open(request)
        bid, ask = self._best(token) if token is not None else (None, None)
        return NO_BOOK if bid is None or ask is None else Answer({"spread": plain(ask - bid)})

    async def last_trade_price(self, request: Request) -> Reply:
        """Price and side of the last trade; 0.5 and no side when there was none."""
        token = self._open(request)
        if token is None:
            return NO_BOOK
        if token.last_price is None:
            return Answer({"price": "0.5", "side": ""})
        return Answer({"price": plain(token.last_price), "side": token.last_side or "BUY"})

    def _open(self, request: Request) -> Token | None:
        token = self._registry.get(request.query.get("token_id", ""))
        return None if token is None or token.closed else token

    def _shown(self, token: Token) -> Book:
        return shown_book(token, self._registry.books.get(token.token_id), self._clock())

    def _best(self, token: Token) -> tuple[Decimal | None, Decimal | None]:
        book = self._shown(token)
        return (book.bids[0].price if book.bids else None, book.asks[0].price if book.asks else None)
