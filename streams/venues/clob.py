"""The CLOB's HTTP API, for the real exchange and the paper one: nothing but the host differs (polymarket.md §8).

Own connections instead of the SDK's client: it would build orders anew, approve allowances and repeat a POST by itself.
Its types, headers and arithmetic are used.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final

import orjson
from eth_account import Account
from polymarket._internal.actions.auth import build_l1_auth_headers, parse_api_key_creds
from polymarket._internal.l1_auth import sign_api_key_auth
from polymarket._internal.protocol import is_v2_position_id
from polymarket.errors import UnexpectedResponseError

from schemas.enums import RejectReason
from streams.venues.answers import Answer, Verdict, sort_answer
from streams.venues.orders import CHAIN, SignedBytes
from streams.venues.reading import (
    FIRST_PAGE,
    LAST_PAGE,
    read_balance,
    read_book,
    read_books,
    read_cancelled,
    read_closed_only,
    read_order,
    read_own_order,
    read_page,
)
from streams.venues.ticks import Ticks
from streams.venues.trades import FillSeen, fills_of
from streams.venues.venue import BalanceSeen, BookSeen, OrderSeen, OwnOrder, VenueFault
from streams.venues.wallets import Credentials, SigningKey, TradingWallet
from streams.venues.wire import FAULTS, Wire

# 20 pages of 500 are more than an account trades between two looks; a cursor that never ends is no answer.
_PAGES_MAX: Final = 20


class ClobVenue:
    """``connections`` bounds what is open at once; ``post_seconds`` is when a POST counts as unanswered."""

    def __init__(self, host: str, *, connections: int, post_seconds: float, read_seconds: float) -> None:
        self._wire = Wire(host, connections=connections, read_seconds=read_seconds)
        self._post_seconds = post_seconds
        self._ticks = Ticks(time.monotonic)
        self._refreshing: set[asyncio.Task[None]] = set()

    async def close(self) -> None:
        """Give the connections back."""
        for task in self._refreshing:
            task.cancel()
        await self._wire.close()

    async def post(self, order: SignedBytes, wallet: TradingWallet) -> Answer:
        """POST exactly these bytes, once; never raises for what the exchange or the wire does."""
        headers = self._wire.signed(wallet, "POST", "/order", order.body)
        try:
            raw = await self._wire.send(
                "POST", "/order", body=order.body, headers=headers, seconds=self._post_seconds
            )
        except FAULTS as fault:
            return Answer(Verdict.UNKNOWN, type(fault).__name__)
        answer = sort_answer(raw.status, raw.body, raw.headers, order.order_hash)
        if answer.reject_reason is RejectReason.TICK:
            self._read_tick_again(order)
        return answer

    async def look_up(self, order_hash: str, wallet: TradingWallet) -> OrderSeen | None:
        """``GET /data/order/{hash}``: active orders surely, ended ones perhaps."""
        path = f"/data/order/{order_hash}"
        status, said = await self._wire.get(
            path, headers=self._wire.signed(wallet, "GET", path), may_miss=True
        )
        return None if status == 404 or not said else read_order(said)

    async def fills(
        self, wallet: TradingWallet, *, token_id: str | None, since: datetime
    ) -> Sequence[FillSeen]:
        """``GET /data/trades`` of the wallet, all pages."""
        params = {"after": str(int(since.timestamp()) - 1)}
        if token_id is not None:
            params["asset_id"] = token_id
        return fills_of(await self._all_pages(wallet, "/data/trades", params))

    async def open_orders(self, wallet: TradingWallet) -> Sequence[OwnOrder]:
        """``GET /data/orders`` of the wallet, all pages."""
        return [read_own_order(row) for row in await self._all_pages(wallet, "/data/orders", {})]

    async def cancel(self, order_hash: str, wallet: TradingWallet) -> bool:
        """``DELETE /order``."""
        body = orjson.dumps({"orderID": order_hash})
        status, said = await self._wire.ask(
            "DELETE", "/order", body=body, headers=self._wire.signed(wallet, "DELETE", "/order", body)
        )
        return status == 200 and read_cancelled(said, order_hash)

    async def balance(self, wallet: TradingWallet, token_id: str | None = None) -> BalanceSeen:
        """``GET /balance-allowance``, of the newer protocol's positions under their own name."""
        params = {"signature_type": str(wallet.signature_type), "asset_type": "COLLATERAL"}
        if token_id is not None:
            newer = is_v2_position_id(token_id)
            params |= {"asset_type": "CONDITIONAL-V2" if newer else "CONDITIONAL", "token_id": token_id}
        path = "/balance-allowance"
        _, said = await self._wire.get(path, params=params, headers=self._wire.signed(wallet, "GET", path))
        return read_balance(said)

    async def closed_only(self, wallet: TradingWallet) -> bool:
        """``GET /auth/ban-status/closed-only``."""
        path = "/auth/ban-status/closed-only"
        _, said = await self._wire.get(path, headers=self._wire.signed(wallet, "GET", path))
        return read_closed_only(said)

    async def book(self, token_id: str) -> BookSeen | None:
        """``GET /book``."""
        status, said = await self._wire.get("/book", params={"token_id": token_id}, may_miss=True)
        if status == 404:
            return None
        seen = read_book(said)
        if seen.tick is not None:
            self._ticks.saw(token_id, seen.tick)
        return seen

    async def books(self, token_ids: Sequence[str]) -> dict[str, BookSeen]:
        """``POST /books``: reads, whatever its name says; nothing is placed by it."""
        body = orjson.dumps([{"token_id": token_id} for token_id in token_ids])
        status, said = await self._wire.ask("POST", "/books", body=body)
        if status != 200:
            raise VenueFault(f"HTTP {status}")
        seen = read_books(said)
        for token_id, book in seen.items():
            if book.tick is not None:
                self._ticks.saw(token_id, book.tick)
        return seen

    async def best_bid(self, token_id: str) -> Decimal | None:
        """The highest bid of the book."""
        seen = await self.book(token_id)
        return seen.bids[0].price if seen is not None and seen.bids else None

    def tick_now(self, token_id: str) -> Decimal | None:
        """As the last book of the token told it."""
        return self._ticks.of(token_id)

    async def clock_ahead_seconds(self) -> float:
        """Also corrects the time stamps of our own signed requests."""
        before = time.time()
        _, said = await self._wire.get("/time")
        after = time.time()
        if isinstance(said, bool) or not isinstance(said, int):
            raise VenueFault("a time that cannot be read")
        self._wire.ahead = said + 0.5 - (before + after) / 2
        return self._wire.ahead

    async def log_in(self, key: SigningKey) -> Credentials:
        """``POST /auth/api-key``; ``GET /auth/derive-api-key`` when the address has one already."""
        signer = Account.from_key(key.private_key.secret)
        signed = sign_api_key_auth(signer, chain_id=CHAIN.chain_id, timestamp=self._wire.now())
        headers = build_l1_auth_headers(signed)
        status, said = await self._wire.ask("POST", "/auth/api-key", headers=headers)
        if status == 400:
            status, said = await self._wire.ask("GET", "/auth/derive-api-key", headers=headers)
        if status != 200:
            raise VenueFault(f"no credentials: HTTP {status}")
        try:
            made = parse_api_key_creds(said)
        except UnexpectedResponseError:
            raise VenueFault("credentials that cannot be read") from None
        return Credentials(made.key, made.secret, made.passphrase)

    async def _all_pages(
        self, wallet: TradingWallet, path: str, params: Mapping[str, str]
    ) -> Sequence[object]:
        cursor, rows, seen = FIRST_PAGE, list[object](), set[str]()
        for _ in range(_PAGES_MAX):
            _, said = await self._wire.get(
                path,
                params={**params, "next_cursor": cursor},
                headers=self._wire.signed(wallet, "GET", path),
            )
            page, following = read_page(said)
            rows += page
            seen.add(cursor)
            if following == LAST_PAGE:
                return rows
            if following in seen:
                raise VenueFault("pages that go in a circle")
            cursor = following
        raise VenueFault("more pages than are read")

    def _read_tick_again(self, order: SignedBytes) -> None:
        """The market's price step has changed: it is read anew beside the way, so that the next order fits."""
        task = asyncio.create_task(self._refresh(str(orjson.loads(order.body)["order"]["tokenId"])))
        self._refreshing.add(task)
        task.add_done_callback(self._refreshing.discard)

    async def _refresh(self, token_id: str) -> None:
        try:
            await self.book(token_id)
        except VenueFault:
            return
