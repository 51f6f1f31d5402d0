"""The CLOB's HTTP API, for the real exchange and the paper one: nothing but the host differs (polymarket.md §8).

Own connections instead of the SDK's client: it would build orders anew, approve allowances and repeat a POST by itself.
Its types, headers and arithmetic are used.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Final

import aiohttp
import orjson
from eth_account import Account
from polymarket._internal.actions.auth import build_l1_auth_headers, parse_api_key_creds
from polymarket._internal.l1_auth import sign_api_key_auth
from polymarket.errors import UnexpectedResponseError
from pydantic import ValidationError

from streams.venues.answers import Answer, Verdict, sort_answer
from streams.venues.orders import CHAIN, SignedBytes
from streams.venues.trades import FillSeen, fills_of
from streams.venues.venue import OrderSeen, OrderStatus, VenueFault
from streams.venues.wallets import Credentials, SigningKey, TradingWallet

_LAST_PAGE: Final = "LTE="
_FIRST_PAGE: Final = "MA=="
_PAGES_MAX: Final = 20
_ORDER_STATUS: Final = "ORDER_STATUS_"
_JSON: Final = {"Content-Type": "application/json"}


class ClobVenue:
    """``connections`` bounds what is open at once; ``post_seconds`` is when a POST counts as unanswered."""

    def __init__(self, host: str, *, connections: int, post_seconds: float, read_seconds: float) -> None:
        self._host = host.rstrip("/")
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=connections, keepalive_timeout=30.0, ttl_dns_cache=300),
            timeout=aiohttp.ClientTimeout(total=read_seconds),
            auto_decompress=True,
        )
        self._post_timeout = aiohttp.ClientTimeout(total=post_seconds)
        self._ahead = 0.0

    async def close(self) -> None:
        """Give the connections back."""
        await self._session.close()

    async def post(self, order: SignedBytes, wallet: TradingWallet) -> Answer:
        """POST exactly these bytes, once; never raises for what the exchange or the wire does."""
        headers = self._headers(wallet, "POST", "/order", order.body) | _JSON
        try:
            async with self._session.post(
                self._host + "/order", data=order.body, headers=headers, timeout=self._post_timeout
            ) as response:
                body = await response.read()
                told = {name.lower(): value for name, value in response.headers.items()}
        except (aiohttp.ClientError, TimeoutError, OSError) as fault:
            return Answer(Verdict.UNKNOWN, type(fault).__name__)
        return sort_answer(response.status, body, told, order.order_hash)

    async def look_up(self, order_hash: str, wallet: TradingWallet) -> OrderSeen | None:
        """``GET /data/order/{hash}``: active orders surely, ended ones perhaps."""
        path = f"/data/order/{order_hash}"
        status, said = await self._get(path, headers=self._headers(wallet, "GET", path), may_miss=True)
        if status == 404 or not said:
            return None
        if not isinstance(said, dict) or not isinstance(said.get("status"), str):
            raise VenueFault("an order that cannot be read")
        name = str(said["status"]).removeprefix(_ORDER_STATUS).upper()
        try:
            matched = Decimal(str(said.get("size_matched", "0")))
        except InvalidOperation:
            raise VenueFault("an order that cannot be read") from None
        if name in ("LIVE", "DELAYED", "UNMATCHED"):
            return OrderSeen(OrderStatus.OPEN, matched)
        return OrderSeen(OrderStatus.MATCHED if name == "MATCHED" else OrderStatus.ENDED, matched)

    async def fills(
        self, wallet: TradingWallet, *, token_id: str | None, since: datetime
    ) -> Sequence[FillSeen]:
        """``GET /data/trades`` of the wallet, all pages."""
        path, cursor, rows = "/data/trades", _FIRST_PAGE, list[object]()
        for _ in range(_PAGES_MAX):
            params = {"after": str(int(since.timestamp()) - 1), "next_cursor": cursor}
            if token_id is not None:
                params["asset_id"] = token_id
            _, said = await self._get(path, params=params, headers=self._headers(wallet, "GET", path))
            page = said.get("data") if isinstance(said, dict) else said
            if not isinstance(page, list):
                raise VenueFault("trades that cannot be read")
            rows += page
            cursor = str(said.get("next_cursor") or _LAST_PAGE) if isinstance(said, dict) else _LAST_PAGE
            if cursor == _LAST_PAGE:
                break
        else:
            raise VenueFault("more pages of trades than are read")
        try:
            return fills_of(rows)
        except ValidationError:
            raise VenueFault("trades that cannot be read") from None

    async def cancel(self, order_hash: str, wallet: TradingWallet) -> None:
        """``DELETE /order``."""
        body = orjson.dumps({"orderID": order_hash})
        headers = self._headers(wallet, "DELETE", "/order", body) | _JSON
        try:
            async with self._session.delete(self._host + "/order", data=body, headers=headers) as response:
                await response.read()
        except (aiohttp.ClientError, TimeoutError, OSError) as fault:
            raise VenueFault(type(fault).__name__) from None

    async def best_bid(self, token_id: str) -> Decimal | None:
        """The highest bid of ``GET /book``, whatever the order of its levels."""
        status, said = await self._get("/book", params={"token_id": token_id}, may_miss=True)
        if status == 404:
            return None
        try:
            bids = said["bids"] if isinstance(said, dict) else None
            prices = [Decimal(str(level["price"])) for level in bids or () if Decimal(str(level["size"])) > 0]
        except (InvalidOperation, KeyError, TypeError):
            raise VenueFault("a book that cannot be read") from None
        return max((price for price in prices if 0 < price < 1), default=None)

    async def clock_ahead_seconds(self) -> float:
        """Also corrects the time stamps of our own signed requests."""
        before = time.time()
        _, said = await self._get("/time")
        after = time.time()
        if isinstance(said, bool) or not isinstance(said, int):
            raise VenueFault("a time that cannot be read")
        self._ahead = said + 0.5 - (before + after) / 2
        return self._ahead

    async def log_in(self, key: SigningKey) -> Credentials:
        """``POST /auth/api-key``; ``GET /auth/derive-api-key`` when the address has one already."""
        signer = Account.from_key(key.private_key.secret)
        signed = sign_api_key_auth(signer, chain_id=CHAIN.chain_id, timestamp=self._now())
        headers = build_l1_auth_headers(signed)
        status, said = await self._ask("POST", "/auth/api-key", headers=headers)
        if status == 400:
            status, said = await self._ask("GET", "/auth/derive-api-key", headers=headers)
        if status != 200:
            raise VenueFault(f"no credentials: HTTP {status}")
        try:
            made = parse_api_key_creds(said)
        except UnexpectedResponseError:
            raise VenueFault("credentials that cannot be read") from None
        return Credentials(made.key, made.secret, made.passphrase)

    async def _get(
        self,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        may_miss: bool = False,
    ) -> tuple[int, object]:
        status, said = await self._ask("GET", path, params=params, headers=headers)
        if status == 200 or (may_miss and status == 404):
            return status, said
        raise VenueFault(f"HTTP {status}")

    async def _ask(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, object]:
        try:
            async with self._session.request(
                method, self._host + path, params=params, headers=headers
            ) as response:
                body = await response.read()
        except (aiohttp.ClientError, TimeoutError, OSError) as fault:
            raise VenueFault(type(fault).__name__) from None
        try:
            return response.status, orjson.loads(body) if body else None
        except orjson.JSONDecodeError:
            if response.status == 200:
                raise VenueFault("an answer that is no JSON") from None
            return response.status, None

    def _now(self) -> int:
        return int(time.time() + self._ahead)

    def _headers(self, wallet: TradingWallet, method: str, path: str, body: bytes = b"") -> dict[str, str]:
        """The five headers of a login by HMAC over time, method, path (without its query) and body."""
        stamp = str(self._now())
        secret = base64.urlsafe_b64decode(
            wallet.credentials.secret + "=" * (-len(wallet.credentials.secret) % 4)
        )
        signed = hmac.new(secret, stamp.encode() + method.encode() + path.encode() + body, hashlib.sha256)
        return {
            "POLY_ADDRESS": wallet.key.address,
            "POLY_API_KEY": wallet.credentials.api_key,
            "POLY_PASSPHRASE": wallet.credentials.passphrase,
            "POLY_SIGNATURE": base64.urlsafe_b64encode(signed.digest()).decode(),
            "POLY_TIMESTAMP": stamp,
        }
