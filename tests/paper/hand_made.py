"""Orders made by hand: signed with eth-account over the SDK's typed data, but with any amounts and fields."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import time
from typing import Any, Literal

import httpx
from eth_account import Account
from polymarket._internal.actions.orders.orders import create_signed_order
from polymarket._internal.actions.orders.post import build_post_order_request
from polymarket._internal.actions.orders.typed_data import build_order_signature, build_order_typed_data
from polymarket._internal.actions.orders.types import BYTES32_ZERO, UnsignedOrder
from polymarket.environments import PRODUCTION
from polymarket.models.types import TokenId
from polymarket.types import EvmAddress, HexString

from tests.paper.exchange import NO_TLS, YES, Exchange, Trader, new_trader

STANDARD = PRODUCTION._config.standard_exchange
NEG_RISK = PRODUCTION._config.neg_risk_exchange
EXCHANGE_V3 = PRODUCTION._config.exchange_v3


def unsigned(
    trader: Trader,
    side: Literal["BUY", "SELL"] = "BUY",
    maker_amount: int = 5_000_000,
    taker_amount: int = 10_000_000,
    **changes: Any,
) -> UnsignedOrder:
    """A FAK of 5 USDC at 50¢ unless changed; by an EOA, under the standard exchange."""
    fields: dict[str, Any] = {
        "chain_id": 137,
        "builder": BYTES32_ZERO,
        "exchange_address": EvmAddress(STANDARD),
        "expiration": 0,
        "maker": EvmAddress(trader.address),
        "maker_amount": maker_amount,
        "metadata": BYTES32_ZERO,
        "order_type": "FAK",
        "salt": secrets.randbits(53),
        "side": side,
        "signature_type": 0,
        "signer": EvmAddress(trader.address),
        "taker_amount": taker_amount,
        "timestamp": int(time.time() * 1000),
        "token_id": TokenId(YES),
        "protocol_version": "2",
    }
    return UnsignedOrder(**{**fields, **changes})


def signature_of(order: UnsignedOrder, private_key: str) -> HexString:
    """What eth-account signs, in the envelope that the SDK puts around it."""
    signed = Account.from_key(private_key).sign_typed_data(full_message=build_order_typed_data(order))
    return build_order_signature(order, HexString("0x" + signed.signature.hex()))


class Desk:
    """A trader with a key at the exchange who posts what he likes."""

    def __init__(self, exchange: Exchange, trader: Trader, key: dict[str, str]) -> None:
        self.exchange = exchange
        self.trader = trader
        self.key = key
        self._http = httpx.AsyncClient(base_url=exchange.url, timeout=20.0, verify=NO_TLS)

    @classmethod
    async def open(cls, exchange: Exchange, usdc: str = "1000", trader: Trader | None = None) -> Desk:
        """A desk with paper money and a key of the SDK's making."""
        trader = trader or new_trader()
        await exchange.open_account(trader, usdc)
        async with await trader.client(exchange.url) as client:
            made = client._ctx.credentials
        key = {"apiKey": made.key, "secret": made.secret, "passphrase": made.passphrase}
        return cls(exchange, trader, key)

    def body(self, order: UnsignedOrder, *, post_only: bool = False, **changes: Any) -> dict[str, Any]:
        """The body of its POST, as the SDK writes it; ``changes`` go into the signed part unsigned."""
        signed = create_signed_order(order, signature_of(order, self.trader.private_key), post_only=post_only)
        _, body = build_post_order_request(signed, owner_api_key=self.key["apiKey"])
        body["order"].update(changes)
        return body

    async def post(self, order: UnsignedOrder, *, post_only: bool = False, **changes: Any) -> httpx.Response:
        """Post one order."""
        return await self.ask("POST", "/order", self.body(order, post_only=post_only, **changes))

    async def ask(
        self, method: str, path: str, body: object = None, params: dict[str, str] | None = None
    ) -> httpx.Response:
        """One signed request."""
        content = b"" if body is None else json.dumps(body, separators=(",", ":")).encode()
        headers = self.headers(method, path, content)
        return await self._http.request(method, path, content=content, headers=headers, params=params)

    def headers(self, method: str, path: str, content: bytes) -> dict[str, str]:
        """The five headers, computed here once more and not by the SDK."""
        stamp = str(int(time.time()))
        message = f"{stamp}{method}{path}".encode() + content
        digest = hmac.new(base64.urlsafe_b64decode(self.key["secret"]), message, hashlib.sha256).digest()
        return {
            "POLY_ADDRESS": self.trader.address,
            "POLY_API_KEY": self.key["apiKey"],
            "POLY_PASSPHRASE": self.key["passphrase"],
            "POLY_SIGNATURE": base64.urlsafe_b64encode(digest).decode(),
            "POLY_TIMESTAMP": stamp,
        }

    async def balances(self) -> dict[str, str]:
        """What the account holds, by asset."""
        return await self.exchange.balances(self.trader.address)

    async def close(self) -> None:
        """Give the connections back."""
        await self._http.aclose()
