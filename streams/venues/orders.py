"""An order from its terms to the bytes of its POST, with the SDK's own arithmetic, types and body."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal, NamedTuple

from polymarket._internal.actions.orders.context import (
    resolve_order_exchange_address,
    validate_price_on_tick_grid,
)
from polymarket._internal.actions.orders.market import _compute_market_order_amounts
from polymarket._internal.actions.orders.orders import create_signed_order
from polymarket._internal.actions.orders.post import build_post_order_request
from polymarket._internal.actions.orders.types import BYTES32_ZERO, UnsignedOrder
from polymarket._internal.protocol import is_v2_position_id
from polymarket.environments import PRODUCTION
from polymarket.errors import UnexpectedResponseError, UserInputError
from polymarket.types import EvmAddress, HexString

from schemas.enums import RejectReason, Side
from streams.venues.order_hash import signed_by
from streams.venues.wallets import DEPOSIT_WALLET, TradingWallet

# Polygon and the contracts of the real exchange: the paper one checks the same signatures.
CHAIN: Final = PRODUCTION._config
# The finest price step of any market: a BUY whose rounding would reach over it could pay more than its limit.
_FINEST_TICK: Final = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class OrderTerms:
    """A market order (FAK): ``amount`` is USDC to spend (BUY) or shares to sell (SELL), at ``limit`` or better.

    ``salt`` (53 bits) and ``timestamp_ms`` come from who asks: the same terms are the same bytes for ever.
    """

    side: Side
    token_id: str
    amount: Decimal
    limit: Decimal
    tick: Decimal
    neg_risk: bool
    salt: int
    timestamp_ms: int


class SignedBytes(NamedTuple):
    """The order's hash (0x + 64 hex) and the exact bytes of its POST."""

    order_hash: str
    body: bytes


class CannotBuild(Exception):
    """The exchange would refuse these terms; nothing was signed. ``reason`` as its refusal would be read."""

    def __init__(self, reason: RejectReason, words: str) -> None:
        super().__init__(words)
        self.reason = reason
        self.words = words


def build(terms: OrderTerms, wallet: TradingWallet) -> SignedBytes:
    """Sign an order and write its POST. Raises ``CannotBuild`` for terms that no order can have."""
    unsigned = unsigned_order(terms, wallet)
    order_hash, signature = signed_by(wallet.key, unsigned)
    _, payload = build_post_order_request(
        create_signed_order(unsigned, HexString(signature)), owner_api_key=wallet.credentials.api_key
    )
    return SignedBytes(order_hash, json.dumps(payload, separators=(",", ":")).encode())


def unsigned_order(terms: OrderTerms, wallet: TradingWallet) -> UnsignedOrder:
    """The SDK's order of these terms: amounts in micro-units by its rounding, contract by token and neg-risk."""
    offered, requested = _amounts(terms)
    deposit = wallet.signature_type == DEPOSIT_WALLET
    version: Literal["2", "3"] = "3" if is_v2_position_id(terms.token_id) else "2"
    return UnsignedOrder(
        builder=BYTES32_ZERO,
        chain_id=CHAIN.chain_id,
        exchange_address=resolve_order_exchange_address(
            CHAIN, asset_id=terms.token_id, neg_risk=terms.neg_risk
        ),
        expiration=0,
        maker=EvmAddress(wallet.address),
        maker_amount=offered,
        metadata=BYTES32_ZERO,
        order_type="FAK",
        salt=terms.salt,
        side=terms.side.value,
        signature_type=wallet.signature_type,
        signer=EvmAddress(wallet.address if deposit else wallet.key.address),
        taker_amount=requested,
        timestamp=terms.timestamp_ms,
        token_id=terms.token_id,  # type: ignore[arg-type]
        protocol_version=version,
    )


def _amounts(terms: OrderTerms) -> tuple[int, int]:
    try:
        limit = validate_price_on_tick_grid(terms.limit, terms.tick.normalize(), "limit")
        offered, requested = _compute_market_order_amounts(
            amount=terms.amount, price=limit, side=terms.side.value, tick_size=terms.tick.normalize()
        )
    except (UserInputError, UnexpectedResponseError) as refusal:
        raise CannotBuild(RejectReason.TICK, str(refusal)) from None
    if offered <= 0 or requested <= 0:
        raise CannotBuild(RejectReason.SIZE, "the order rounds to nothing")
    if terms.side is Side.BUY and offered >= requested * (limit + _FINEST_TICK):
        raise CannotBuild(RejectReason.SIZE, "too small to keep its limit")
    return offered, requested
