"""What a key's holder may see: own orders, own trades, own balances (polymarket.md §8.2)."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from ops.paper.holdings import CASH
from ops.paper.intake import Caller
from ops.paper.keys import Keys
from ops.paper.ledger import Ledger, Record
from ops.paper.mode import Mode
from ops.paper.refusals import BAD_PAYLOAD, NO_ORDER
from ops.paper.requests import Answer, Reply, Request
from ops.paper.settings import OrderLookup, PaperSettings
from ops.paper.signing import EXCHANGE_V3, NEG_RISK, STANDARD
from ops.paper.tokens import Registry, Token
from ops.paper.trading import behind
from ops.paper.views import END, cursor_after, order_view, page, read_cursor, trade_view
from ops.paper.web import WebApp

_UNLIMITED: Final = str(2**256 - 1)
_NEG_RISK_ADAPTER: Final = "0xadA2005600Dec949baf300f4C6120000bDB6eAab"
_SPENDERS: Final = (STANDARD.address, NEG_RISK.address, EXCHANGE_V3.address, _NEG_RISK_ADAPTER)
_ASSET_TYPES: Final = frozenset(("COLLATERAL", "CONDITIONAL", "CONDITIONAL-V2"))


class PrivateRoutes:
    """Routes behind L2 that change nothing."""

    def __init__(
        self,
        keys: Keys,
        ledger: Ledger,
        registry: Registry,
        settings: PaperSettings,
        *,
        clock: Callable[[], datetime],
        mode: Mode,
    ) -> None:
        self._mode = mode
        self._keys = keys
        self._ledger = ledger
        self._registry = registry
        self._settings = settings
        self._clock = clock

    def register(self, app: WebApp) -> None:
        """Put the routes into the application."""
        app.add("GET", "/auth/ban-status/closed-only", behind(self._keys, self.closed_only))
        app.add("GET", "/data/order/*", behind(self._keys, self.order))
        app.add("GET", "/data/orders", behind(self._keys, self.open_orders))
        app.add("GET", "/data/trades", behind(self._keys, self.trades))
        app.add("GET", "/balance-allowance", behind(self._keys, self.balance))
        app.add("GET", "/balance-allowance/update", behind(self._keys, self.balance))

    async def closed_only(self, _: Request, caller: Caller) -> Reply:
        """Nobody is, unless the mode was told so."""
        return Answer({"closed_only": self._mode.closed_only(caller.address)})

    async def order(self, request: Request, caller: Caller) -> Reply:
        """One order by its id; those that are over only where the settings say so."""
        found = await self._ledger.read(
            "order_by_id", {"order_id": request.rest.lower(), "owner": caller.address}
        )
        views = self._views(found)
        if not views:
            return NO_ORDER
        if (
            self._settings.paper_order_lookup is OrderLookup.ACTIVE
            and views[0]["status"] != "ORDER_STATUS_LIVE"
        ):
            return NO_ORDER
        return Answer(views[0])

    async def open_orders(self, request: Request, caller: Caller) -> Reply:
        """All open orders, page by page."""
        try:
            after_id = read_cursor(request.query.get("next_cursor")) or ""
        except ValueError:
            return BAD_PAYLOAD
        values = {
            "owner": caller.address,
            "now": self._clock(),
            "order_id": request.query.get("id"),
            "token_id": request.query.get("asset_id"),
            "token_ids": self._members(request.query.get("market")),
            "after_id": after_id,
            "rows": self._settings.paper_page_rows,
        }
        found = await self._ledger.read("open_orders", values)
        full = len(found) == self._settings.paper_page_rows
        return Answer(
            page(
                self._views(found),
                self._settings.paper_page_rows,
                cursor_after(found[-1]["order_id"]) if full else END,
            )
        )

    async def trades(self, request: Request, caller: Caller) -> Reply:
        """Own trades, newest first; ``id`` names one."""
        try:
            if "id" in request.query:
                values: dict[str, object] = {
                    "trade_id": uuid.UUID(request.query["id"]),
                    "owner": caller.address,
                }
                found = await self._ledger.read("trade_by_id", values)
            else:
                found = await self._ledger.read("trades_of_owner", self._trade_filter(request, caller))
        except ValueError:
            return BAD_PAYLOAD
        now = self._clock()
        rows = [
            trade_view(row, token, self._settings.paper_counterparty, now)
            for row in found
            if (token := self._token(row)) is not None
        ]
        full = len(found) == self._settings.paper_page_rows
        return Answer(page(rows, self._settings.paper_page_rows, _trade_cursor(found[-1]) if full else END))

    async def balance(self, request: Request, caller: Caller) -> Reply:
        """Balance in micro-units and what the exchange may spend of it: everything."""
        asset_type = request.query.get("asset_type", "")
        token_id = request.query.get("token_id", "")
        signature_type = request.query.get("signature_type", "0")
        bad_token = asset_type != "COLLATERAL" and not token_id
        if asset_type not in _ASSET_TYPES or bad_token or signature_type not in ("0", "1", "2", "3"):
            return BAD_PAYLOAD
        now, lag = self._clock(), timedelta(seconds=self._settings.paper_balance_lag_seconds)
        values = {
            "owner": caller.address,
            "signature_type": int(signature_type),
            "asset": CASH if asset_type == "COLLATERAL" else token_id,
            "lagging_since": now - lag,
            "now": now,
        }
        found = await self._ledger.read("balance_of_owner", values)
        allowances = dict.fromkeys(_SPENDERS, _UNLIMITED)
        return Answer({"balance": str(found[0]["amount"]), "allowances": allowances})

    def _trade_filter(self, request: Request, caller: Caller) -> dict[str, object]:
        query = request.query
        cursor = read_cursor(query.get("next_cursor"))
        seen_at, _, seen_id = cursor.partition("/") if cursor is not None else ("", "", "")
        maker = query.get("maker_address")
        return {
            "owner": caller.address,
            "account": maker.lower() if maker is not None else None,
            "token_id": query.get("asset_id"),
            "token_ids": self._members(query.get("market")),
            "after": _moment(query.get("after")),
            "before": _moment(query.get("before")),
            "seen_at": datetime.fromisoformat(seen_at) if seen_at else None,
            "seen_id": uuid.UUID(seen_id) if seen_id else None,
            "rows": self._settings.paper_page_rows,
        }

    def _members(self, market: str | None) -> list[str] | None:
        return None if market is None else [token.token_id for token in self._registry.market(market)]

    def _views(self, found: list[Record]) -> list[dict[str, object]]:
        now = self._clock()
        return [order_view(row, token, now) for row in found if (token := self._token(row)) is not None]

    def _token(self, row: Record) -> Token | None:
        return self._registry.get(row["token_id"])


def _moment(seconds: str | None) -> datetime | None:
    if seconds is None:
        return None
    if not (seconds.isascii() and seconds.isdigit() and len(seconds) <= 11):
        raise ValueError("not seconds since 1970")
    return datetime.fromtimestamp(int(seconds), UTC)


def _trade_cursor(row: Record) -> str:
    return cursor_after(f"{row['matched_at'].isoformat()}/{row['trade_id']}")
