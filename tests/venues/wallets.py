"""Wallets that are open at the paper exchange, with a login that our own client made."""

from __future__ import annotations

from streams.venues.clob import ClobVenue
from streams.venues.wallets import EOA, TradingWallet, new_secret, open_key, wallet_of_owner
from tests.paper.exchange import Exchange, Trader


async def open_wallet(
    exchange: Exchange, venue: ClobVenue, usdc: str = "100", *, signature_type: int = EOA
) -> TradingWallet:
    """A wallet of this kind with money and a login of our own client's."""
    key = open_key(new_secret())
    address = wallet_of_owner(key.address, signature_type)
    changes = {} if signature_type == EOA else {"owner": key.address, "signature_type": signature_type}
    await exchange.open_account(Trader("", address), usdc, **changes)
    return TradingWallet("account", address, key, await venue.log_in(key), signature_type)
