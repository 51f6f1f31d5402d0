"""Proxies, Safes and deposit wallets trade through the SDK; neg-risk and the newer exchange too."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

import pytest
from polymarket import AsyncSecureClient
from polymarket._internal.wallet import (
    derive_beacon_deposit_wallet_address,
    derive_proxy_wallet_address,
    derive_safe_wallet_address,
)
from polymarket.environments import PRODUCTION
from polymarket.models.clob.order_response import AcceptedOrder

from tests.paper.exchange import YES, Exchange, environment_at, new_trader
from tests.paper.test_signing import V3_TOKEN


@pytest.mark.parametrize(
    ("derive", "signature_type"),
    [
        (derive_proxy_wallet_address, 1),
        (derive_safe_wallet_address, 2),
        (derive_beacon_deposit_wallet_address, 3),
    ],
)
async def test_every_kind_of_wallet_trades(
    exchange: Exchange, derive: Callable[..., str], signature_type: int
) -> None:
    """Promise: the wallet's money moves by the signature of its owner, and is shown under the owner's key."""
    trader = new_trader()
    wallet = derive(trader.address, PRODUCTION._config.wallet_derivation)
    await exchange.open_account(
        trader, "50", address=wallet, owner=trader.address, signature_type=signature_type
    )
    # `create` would ask the relayer whether the wallet is deployed; there is none here.
    client = await AsyncSecureClient._create(
        private_key=trader.private_key, wallet=wallet, environment=environment_at(exchange.url)
    )
    async with client:
        placed = await client.place_market_order(token_id=YES, side="BUY", amount="5", max_price="0.5")
        assert isinstance(placed, AcceptedOrder)
        [trade] = (await client.list_account_trades(maker_address=wallet).first_page()).items
        assert trade.taker_order_id == placed.order_id
        cash = await client.get_balance_allowance(asset_type="COLLATERAL")
        assert cash.balance == 50_000_000 - 5_125_000
    assert (await exchange.balances(wallet))[YES] == "10"


@pytest.mark.parametrize("newer", [False, True])
async def test_neg_risk_and_the_newer_exchange(exchange: Exchange, newer: bool) -> None:
    """Promise: orders of a neg-risk market, and of the newer protocol, are verified under their own contract."""
    token_id = V3_TOKEN if newer else str(secrets.randbits(250) | 1 << 249)
    market: dict[str, Any] = {
        "token_id": token_id,
        "market_id": "0x" + secrets.token_hex(32),
        "neg_risk": True,
    }
    await exchange.admin("PUT", "markets", {"tokens": [{**market, "tick": "0.001", "fee_rate": "0"}]})
    trader = new_trader()
    await exchange.open_account(trader, "50")
    async with await trader.client(exchange.url) as client:
        placed = await client.place_market_order(
            token_id=token_id, side="BUY", amount="9.98", max_price="0.985"
        )
        assert isinstance(placed, AcceptedOrder)
        held = await client.get_balance_allowance(
            asset_type="CONDITIONAL-V2" if newer else "CONDITIONAL", token_id=token_id
        )
        # 9.98 ÷ 0.985 = 10.13197969…; 10.131979 shares would come to 9.979999 USDC.
        assert held.balance == 10_131_980
    assert (await exchange.balances(trader.address))["USDC"] == "40.02"
