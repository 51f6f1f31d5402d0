"""A withdrawal's bytes: a transfer of the exchange's collateral from what holds an account's money, by the SDK's own
encodings (the call that its ``transfer_erc20`` makes). Pure: nonce and deadline are arguments.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from eth_utils.address import to_checksum_address
from polymarket._internal.actions.relayer.calls import erc20_transfer_call
from polymarket.types import EvmAddress

from schemas.money import EXACT
from streams.venues.orders import CHAIN
from streams.venues.redemptions import Turn, signed_calls
from streams.venues.wallets import TradingWallet

_MICRO: Final = 1_000_000
NETWORK: Final = "Polygon"
TOKEN: Final = "USDC (pUSD)"  # noqa: S105 (a coin)


def withdrawal_body(address: str, usdc: Decimal, wallet: TradingWallet, turn: Turn) -> bytes:
    """Sign the transfer of so much to an address; the same arguments are the same bytes. Raises ``CannotRedeem`` where
    nobody relays for the wallet, ``ValueError`` for what is no whole number of micro-units above 0."""
    micro = EXACT.multiply(usdc, _MICRO)
    if micro <= 0 or micro != int(micro):
        raise ValueError("no amount that the chain can move")
    call = erc20_transfer_call(
        token_address=EvmAddress(CHAIN.collateral_token),
        recipient=EvmAddress(to_checksum_address(address)),
        amount=int(micro),
    )
    return signed_calls([call], wallet, turn, "Transfer")
