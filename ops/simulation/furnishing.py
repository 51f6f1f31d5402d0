"""What stands in the tables and at the exchange before a run begins: leaders, markets, and followers with money."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from coincurve import PrivateKey
from eth_hash.auto import keccak
from eth_utils.address import to_checksum_address

from ops.simulation.scenario import BEGINNING, LEADERS, SMART, TOKENS
from ops.simulation.tables import Row
from schemas.enums import AddressType
from schemas.watched import WatchedAddress
from streams.copy_execution.inputs import Market
from streams.venues.wallets import Credentials, SigningKey, TradingWallet

if TYPE_CHECKING:
    from ops.simulation.world import World

ROLES: Final = ((LEADERS[0], "copy_leader"), (LEADERS[1], "copy_leader"), (SMART, "smart_trader"))
_WALLETS: dict[str, TradingWallet] = {}


def wallet_of(account_id: str) -> TradingWallet:
    """The account's wallet, the same in every run."""
    if account_id not in _WALLETS:
        private = PrivateKey(keccak(account_id.encode()))
        address = "0x" + keccak(private.public_key.format(compressed=False)[1:])[-20:].hex()
        key = SigningKey(to_checksum_address(address), private)
        _WALLETS[account_id] = TradingWallet(account_id, key.address, key, Credentials("k", "s", "p"))
    return _WALLETS[account_id]


def furnish(world: World) -> None:
    """Committed before the first step."""
    outside = world.database.begin(None)
    for version, (wallet, role) in enumerate(ROLES, 1):
        world.roles.take(WatchedAddress(wallet=wallet, version=version, roles=(AddressType(role),)))
    for token_id in TOKENS:
        market = Market(f"m-{token_id[0]}", Decimal("0.01"), world.scenario.fee_rate)
        outside.put("markets", (token_id,), {"token_id": token_id, "market": market})
    for account_id, cash in world.scenario.cash.items():
        address = world.wallets[account_id].address.lower()
        row: Row = {"account_id": account_id, "wallet": address, "cash_usdc": cash}
        outside.put("accounts", (account_id,), row)
        outside.put("cash_entries", ("credit", account_id), {"account_id": account_id, "usdc": cash})
        world.exchange.cash[address] = cash
    for follows in world.scenario.follows:
        row = {"allocation_id": follows.allocation_id, "account_id": follows.account_id}
        row |= {"leader": follows.leader, "settings": follows.settings, "user_id": follows.account_id}
        row |= {"state": "active", "active_from": BEGINNING - timedelta(days=1), "buys_from": None}
        outside.put("allocations", (follows.allocation_id,), row)
    outside.commit()
