"""Winnings are redeemed through the official SDK's relayer client: paid exactly, and once."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from polymarket import AsyncSecureClient
from polymarket._internal.actions.relayer.calls import ctf_redeem_positions_call
from polymarket._internal.actions.relayer.gasless import build_signed_payload_for_wallet_type
from polymarket._internal.wallet import (
    derive_beacon_deposit_wallet_address,
    derive_proxy_wallet_address,
    derive_safe_wallet_address,
)
from polymarket.auth import RelayerApiKey
from polymarket.environments import PRODUCTION
from polymarket.errors import PolymarketError
from polymarket.models.clob.order_response import AcceptedOrder

from tests.paper.exchange import NO_TLS, Exchange, Trader, environment_at, new_trader

KINDS: list[tuple[Callable[..., str], int]] = [
    (derive_proxy_wallet_address, 1),
    (derive_safe_wallet_address, 2),
    (derive_beacon_deposit_wallet_address, 3),
]


class Market:
    """A market of its own for one test: two outcomes, put at the exchange."""

    def __init__(self, *, newer: bool = False) -> None:
        newer_id = "01" + secrets.token_hex(18) + "00" * 8 + secrets.token_hex(4)
        self.id = "0x" + (newer_id if newer else secrets.token_hex(32))
        if newer:
            self.tokens = [str(int(f"{self.id}{outcome:02x}", 16)) for outcome in (0, 1)]
        else:
            self.tokens = [str(secrets.randbits(250) | 1 << 249) for _ in range(2)]

    async def put(self, exchange: Exchange, **changes: object) -> None:
        """At the exchange, without a fee."""
        tokens = [
            {
                "token_id": token,
                "market_id": self.id,
                "outcome": outcome,
                "tick": "0.01",
                "fee_rate": "0",
                **changes,
            }
            for token, outcome in zip(self.tokens, ("Yes", "No"), strict=True)
        ]
        await exchange.admin("PUT", "markets", {"tokens": tokens})

    async def resolve(self, exchange: Exchange, **changes: object) -> None:
        """The first outcome won; winnings wait to be redeemed."""
        payouts = {self.tokens[0]: "1", self.tokens[1]: "0"}
        await exchange.admin(
            "POST", "resolve", {"market_id": self.id, "payouts": payouts, "redeem": True, **changes}
        )


@asynccontextmanager
async def _client(exchange: Exchange, trader: Trader, kind: int) -> AsyncIterator[AsyncSecureClient]:
    derive, signature_type = KINDS[kind]
    wallet = derive(trader.address, PRODUCTION._config.wallet_derivation)
    await exchange.open_account(
        trader, "50", address=wallet, owner=trader.address, signature_type=signature_type
    )
    client = await AsyncSecureClient.create(
        private_key=trader.private_key,
        wallet=wallet,
        environment=environment_at(exchange.url),
        api_key=RelayerApiKey(key="a-relayer-key", address=trader.address),
    )
    async with client:
        yield client


async def _buy(client: AsyncSecureClient, token_id: str, usdc: str) -> None:
    placed = await client.place_market_order(token_id=token_id, side="BUY", amount=usdc, max_price="0.5")
    assert isinstance(placed, AcceptedOrder)


async def _redemptions(exchange: Exchange, wallet: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = (await exchange.admin("GET", f"redemptions/{wallet}"))["redemptions"]
    return rows


@pytest.mark.parametrize("kind", range(3))
async def test_winnings_are_redeemed_by_every_kind_of_wallet(exchange: Exchange, kind: int) -> None:
    """Promise: both outcomes of a condition are redeemed at their payouts, by one signed transaction."""
    market = Market()
    await market.put(exchange, neg_risk=kind == 1)
    async with _client(exchange, new_trader(), kind) as client:
        await _buy(client, market.tokens[0], "5")
        await _buy(client, market.tokens[1], "3")
        await market.resolve(exchange)
        handle = await client.redeem_positions(condition_id=market.id)
        outcome = await handle.wait()
        assert outcome is not None
        wallet = str(client.wallet)
        assert await exchange.balances(wallet) == {"USDC": "52", market.tokens[0]: "0", market.tokens[1]: "0"}
        paid = {row["token_id"]: (row["shares"], row["usdc"]) for row in await _redemptions(exchange, wallet)}
        assert paid == {market.tokens[0]: ("10", "10"), market.tokens[1]: ("6", "0")}
    await exchange.assert_conserved()


async def test_r19_a_condition_is_paid_once(exchange: Exchange) -> None:
    """Promise: a second transaction for the same condition is run and pays nothing; two at once come one after the
    other, the later with a nonce of its own."""
    market = Market()
    await market.put(exchange)
    async with _client(exchange, new_trader(), 2) as client:
        await _buy(client, market.tokens[0], "5")
        await market.resolve(exchange)
        handles = await asyncio.gather(*(client.redeem_positions(condition_id=market.id) for _ in range(2)))
        for handle in handles:
            await handle.wait()
        wallet = str(client.wallet)
        rows = await _redemptions(exchange, wallet)
        assert [(row["nonce"], row["usdc"]) for row in rows] == [(0, "10"), (1, None)]
        assert (await exchange.balances(wallet))["USDC"] == "55"
    await exchange.assert_conserved()


async def test_the_newer_protocol_redeems_by_balance(exchange: Exchange) -> None:
    """Promise: the SDK asks the node for balances and redeems each outcome held through the router."""
    market = Market(newer=True)
    await market.put(exchange)
    async with _client(exchange, new_trader(), 2) as client:
        await _buy(client, market.tokens[0], "5")
        await market.resolve(exchange)
        await (await client.redeem_positions(condition_id=market.id)).wait()
        assert (await exchange.balances(str(client.wallet)))["USDC"] == "55"
        with pytest.raises(PolymarketError, match="no balance"):
            await client.redeem_positions(condition_id=market.id)


async def test_a_deposit_wallet_is_deployed_by_the_sdk(exchange: Exchange) -> None:
    """Promise: a new key's client deploys its deposit wallet through the relayer, once; credited, it trades."""
    trader = new_trader()
    key = RelayerApiKey(key="a-relayer-key", address=trader.address)
    wallet = ""
    for _ in range(2):
        client = await AsyncSecureClient.create(
            private_key=trader.private_key, environment=environment_at(exchange.url), api_key=key
        )
        async with client:
            wallet = str(client.wallet)
            assert wallet == KINDS[2][0](trader.address, PRODUCTION._config.wallet_derivation)
            assert await client.is_gasless_ready()
    account = {"address": wallet, "credit_usdc": "50", "request_id": secrets.token_hex(8)}
    await exchange.admin("PUT", "accounts", {"accounts": [account]})
    market = Market()
    await market.put(exchange)
    client = await AsyncSecureClient.create(
        private_key=trader.private_key, environment=environment_at(exchange.url), api_key=key
    )
    async with client:
        await _buy(client, market.tokens[0], "5")
        handle = await client.setup_trading_approvals()
        await handle.wait()
        await market.resolve(exchange)
        await (await client.redeem_positions(condition_id=market.id)).wait()
    assert (await exchange.balances(wallet))["USDC"] == "55"


async def test_too_early_is_a_failed_transaction(exchange: Exchange) -> None:
    """Promise: before the market is resolved the transaction fails on the chain and moves nothing; later it works."""
    market = Market()
    await market.put(exchange)
    async with _client(exchange, new_trader(), 2) as client:
        await _buy(client, market.tokens[0], "5")
        await exchange.admin("POST", "close", {"market_id": market.id})
        handle = await client.redeem_positions(condition_id=market.id)
        with pytest.raises(PolymarketError, match="not received yet"):
            await handle.wait()
        assert (await exchange.balances(str(client.wallet)))[market.tokens[0]] == "10"
        await market.resolve(exchange)
        await (await client.redeem_positions(condition_id=market.id)).wait()
        assert (await exchange.balances(str(client.wallet)))["USDC"] == "55"


async def test_submissions_are_lost_and_fail_as_told(exchange: Exchange) -> None:
    """Promise: faults act on the relayer too: accepted then cut is done once; a failing transaction pays nothing."""
    market = Market()
    await market.put(exchange)
    async with _client(exchange, new_trader(), 2) as client:
        await _buy(client, market.tokens[0], "5")
        await market.resolve(exchange)
        rules = [
            {"fault": "settlement_fails", "path": "/submit", "times": 1},
            {"fault": "accept_then_cut", "path": "/submit", "times": 1},
        ]
        await exchange.admin("PUT", "conduct", {"rules": rules})
        with pytest.raises(PolymarketError, match="reverted"):
            await (await client.redeem_positions(condition_id=market.id)).wait()
        wallet = str(client.wallet)
        assert (await exchange.balances(wallet))[market.tokens[0]] == "10"
        with pytest.raises(PolymarketError):
            await client.redeem_positions(condition_id=market.id)
        rows = await _redemptions(exchange, wallet)
        assert [(row["error"], row["usdc"]) for row in rows] == [("execution reverted", None), (None, "10")]
        await exchange.admin("PUT", "conduct", {"rules": []})


async def test_foreign_and_forged_submissions_are_refused(exchange: Exchange) -> None:
    """Promise: no key, a forged signature, a used nonce, a foreign wallet or an unread form: nothing happens."""
    market = Market()
    await market.put(exchange)
    async with _client(exchange, new_trader(), 2) as client:
        call = ctf_redeem_positions_call(
            ctf=PRODUCTION._config.collateral_adapter,  # type: ignore[arg-type]
            collateral=PRODUCTION._config.collateral_token,  # type: ignore[arg-type]
            condition_id=market.id,
        )
        await market.resolve(exchange)
        payload = dict(await build_signed_payload_for_wallet_type(client._ctx, calls=[call], metadata=""))
        key = {"RELAYER_API_KEY": "k", "RELAYER_API_KEY_ADDRESS": "a"}
        async with httpx.AsyncClient(base_url=exchange.url, verify=NO_TLS) as http:

            async def submit(body: object, headers: dict[str, str] = key) -> tuple[int, str]:
                answer = await http.post("/submit", json=body, headers=headers)
                return answer.status_code, answer.json().get("error", "")

            other = derive_beacon_deposit_wallet_address(
                new_trader().address, PRODUCTION._config.wallet_derivation
            )
            terms = payload["depositWalletParams"]
            assert isinstance(terms, dict)
            foreign = {**payload, "depositWalletParams": {**terms, "depositWallet": other}}
            late = {**payload, "depositWalletParams": {**terms, "deadline": "1"}}
            assert await submit(payload, {}) == (401, "unauthorized")
            assert await submit(foreign) == (400, "invalid signature")
            assert await submit(late) == (400, "invalid signature")
            assert await submit({**payload, "nonce": "7"}) == (400, "invalid signature")
            assert await submit({"type": "WALLET"}) == (400, "Invalid order payload")
            assert await submit(payload) == (200, "")
            assert await submit(payload) == (400, "batch nonce 0 does not match on-chain nonce 1")
        assert len(await _redemptions(exchange, str(client.wallet))) == 1
