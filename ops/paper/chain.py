"""What the SDK asks elsewhere while it redeems: Gamma's list of markets, and a node's balances of tokens.

Only what its redemption needs; the answers come from the exchange's own tables.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

import orjson
from eth_abi.abi import decode, encode
from polymarket.environments import PRODUCTION

from ops.paper.ledger import Ledger
from ops.paper.refusals import BAD_PAYLOAD
from ops.paper.relay_calls import FORM_FAULTS
from ops.paper.requests import Answer, Reply, Request
from ops.paper.rules import in_units
from ops.paper.signing import EXCHANGE_V3, keccak
from ops.paper.tokens import Registry, Token
from ops.paper.web import WebApp
from schemas.money import plain

_BALANCE_OF: Final = keccak(b"balanceOf(address,uint256)")[:4]
_BALANCE_OF_BATCH: Final = keccak(b"balanceOfBatch(address[],uint256[])")[:4]
_ALLOWANCE: Final = keccak(b"allowance(address,address)")[:4]
_APPROVED: Final = keccak(b"isApprovedForAll(address,address)")[:4]
_BEACON: Final = keccak(b"BEACON()")[:4]
_MOST_256: Final = 2**256 - 1
_GAS: Final = "0x30d40"


class NoSuchCall(Exception):
    """A call that this node does not play."""


class ChainRoutes:
    """A node and Gamma, as far as redemption asks them."""

    def __init__(
        self, ledger: Ledger, registry: Registry, chain_id: int, clock: Callable[[], datetime]
    ) -> None:
        self._ledger = ledger
        self._registry = registry
        self._chain_id = chain_id
        self._clock = clock

    def register(self, app: WebApp) -> None:
        """Put the routes into the application."""
        app.add("GET", "/gamma/markets/keyset", self.markets)
        app.add("POST", "/rpc", self.rpc)
        app.add("POST", "/rpc/", self.rpc)

    async def markets(self, request: Request) -> Reply:
        """Markets by condition id, or all; with ``closed`` those that are, or are not."""
        wanted = request.query.get("condition_ids")
        conditions = [wanted] if wanted is not None else self._registry.conditions()
        markets = [tokens for condition in conditions if (tokens := self._registry.market(condition))]
        closed = request.query.get("closed")
        shown = [
            tokens for tokens in markets if closed is None or tokens[0].closed == (closed.lower() == "true")
        ]
        return Answer({"markets": [_gamma_view(tokens) for tokens in shown], "next_cursor": None})

    async def rpc(self, request: Request) -> Reply:
        """JSON-RPC, one call or several."""
        try:
            content = orjson.loads(request.body)
        except ValueError:
            return BAD_PAYLOAD
        if isinstance(content, list):
            return Answer([await self._answer(call) for call in content])
        return Answer(await self._answer(content)) if isinstance(content, dict) else BAD_PAYLOAD

    async def _answer(self, call: dict[str, Any]) -> dict[str, object]:
        envelope: dict[str, object] = {"jsonrpc": "2.0", "id": call.get("id")}
        try:
            return {**envelope, "result": await self._result(str(call["method"]), call.get("params", []))}
        except (NoSuchCall, *FORM_FAULTS) as error:
            return {**envelope, "error": {"code": -32_601, "message": f"not played here: {error}"}}

    async def _result(self, method: str, params: list[Any]) -> object:
        if method == "eth_chainId":
            return hex(self._chain_id)
        if method == "eth_getBlockByNumber":
            now = int(self._clock().timestamp())
            return {"number": hex(now), "timestamp": hex(now)}
        if method == "eth_estimateGas":
            return _GAS
        if method == "eth_call":
            return "0x" + (await self._call(bytes.fromhex(params[0]["data"].removeprefix("0x")))).hex()
        raise NoSuchCall(method)

    async def _call(self, data: bytes) -> bytes:
        selector, arguments = data[:4], data[4:]
        if selector == _BEACON:
            return encode(["address"], [PRODUCTION._config.wallet_derivation.deposit_wallet_beacon])
        if selector == _ALLOWANCE:
            return encode(["uint256"], [_MOST_256])
        if selector == _APPROVED:
            return encode(["bool"], [True])
        if selector == _BALANCE_OF:
            owner, token_id = decode(["address", "uint256"], arguments)
            return encode(["uint256"], [await self._balance(owner, token_id)])
        if selector == _BALANCE_OF_BATCH:
            owners, token_ids = decode(["address[]", "uint256[]"], arguments)
            pairs = zip(owners, token_ids, strict=True)
            return encode(["uint256[]"], [[await self._balance(*pair) for pair in pairs]])
        raise NoSuchCall("0x" + selector.hex())

    async def _balance(self, owner: str, token_id: int) -> int:
        values = {"party": owner.lower(), "token_ids": [str(token_id)]}
        found = await self._ledger.read("holdings_of_tokens", values)
        return int(found[0]["amount"]) if found else 0


def _gamma_view(tokens: list[Token]) -> dict[str, object]:
    first = tokens[0]
    newer = first.exchange == EXCHANGE_V3
    if newer:
        # Its outcomes are numbered in the last byte of the position id, and Gamma lists them in that order.
        tokens = sorted(tokens, key=lambda token: int(token.token_id) & 0xFF)
    ids = [token.token_id for token in tokens]
    payouts = [token.payout_micro for token in tokens]
    resolved = None not in payouts
    prices = [in_units(payout) for payout in payouts if payout is not None] if resolved else []
    return {
        "id": str(int.from_bytes(keccak(first.market_id.encode())[:5], "big")),
        "version": "v2" if newer else "v1",
        "conditionId": first.condition_id,
        "question": first.question,
        "slug": first.market_id,
        "outcomes": orjson.dumps([token.outcome for token in tokens]).decode(),
        "outcomePrices": orjson.dumps(prices).decode(),
        "positionIds" if newer else "clobTokenIds": ids if newer else orjson.dumps(ids).decode(),
        "active": True,
        "closed": first.closed,
        "archived": False,
        "acceptingOrders": first.accepting_orders and not first.closed,
        "enableOrderBook": not first.closed,
        "negRisk": first.neg_risk,
        "orderPriceMinTickSize": orjson.Fragment(plain(first.tick)),
        "umaResolutionStatus": "resolved" if resolved else "",
        "endDate": first.end_at.isoformat() if first.end_at is not None else None,
    }
