"""An order from its terms to the bytes of its POST, with the SDK's own arithmetic, types and body."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final, Literal, NamedTuple

from polymarket._internal.actions.orders.context import (
    resolve_exchange_address,
    validate_price_on_tick_grid,
)
from polymarket._internal.actions.orders.limit import _compute_limit_order_amounts
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
# A GTD order ends a minute before its expiration, and the SDK refuses less than three (polymarket.md §2.1).
_EXPIRES_AFTER_SECONDS: Final = 180
_NEWER_EXCHANGE: Final = 3


class OrderType(StrEnum):
    """How long an order lives: filled at once in part (FAK) or whole (FOK) or not at all; resting (GTC) until (GTD)."""

    FAK = "FAK"
    FOK = "FOK"
    GTC = "GTC"
    GTD = "GTD"

    @property
    def rests(self) -> bool:
        """Whether what is not filled at once stays on the book."""
        return self in (OrderType.GTC, OrderType.GTD)


@dataclass(frozen=True, slots=True)
class OrderTerms:
    """What is asked for, at ``limit`` or better. ``amount`` is shares, but for a BUY that does not rest: USDC to spend.

    ``salt`` (53 bits) and ``timestamp_ms`` come from who asks: the same terms are the same bytes for ever.
    ``exchange_version`` is the market's own (2 or 3); None where the market does not say. ``expires_at`` (seconds since
    1970) is a GTD's, and not signed by the exchange's rules; ``post_only`` is for what rests.
    """

    side: Side
    token_id: str
    amount: Decimal
    limit: Decimal
    tick: Decimal
    neg_risk: bool
    salt: int
    timestamp_ms: int
    exchange_version: int | None = None
    order_type: OrderType = OrderType.FAK
    expires_at: int = 0
    post_only: bool = False


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
        create_signed_order(unsigned, HexString(signature), post_only=terms.post_only),
        owner_api_key=wallet.credentials.api_key,
    )
    return SignedBytes(order_hash, json.dumps(payload, separators=(",", ":")).encode())


def unsigned_order(terms: OrderTerms, wallet: TradingWallet) -> UnsignedOrder:
    """The SDK's order of these terms: amounts in micro-units by its rounding, contract by version and neg-risk."""
    _check_lifetime(terms)
    offered, requested = _amounts(terms)
    version = _protocol_version(terms)
    deposit = wallet.signature_type == DEPOSIT_WALLET
    exchange = CHAIN.exchange_v3 if version == "3" else resolve_exchange_address(CHAIN, terms.neg_risk)
    return UnsignedOrder(
        builder=BYTES32_ZERO,
        chain_id=CHAIN.chain_id,
        exchange_address=EvmAddress(exchange),
        expiration=terms.expires_at,
        maker=EvmAddress(wallet.address),
        maker_amount=offered,
        metadata=BYTES32_ZERO,
        order_type=terms.order_type.value,
        salt=terms.salt,
        side=terms.side.value,
        signature_type=wallet.signature_type,
        signer=EvmAddress(wallet.address if deposit else wallet.key.address),
        taker_amount=requested,
        timestamp=terms.timestamp_ms,
        token_id=terms.token_id,  # type: ignore[arg-type]
        protocol_version=version,
    )


def _protocol_version(terms: OrderTerms) -> Literal["2", "3"]:
    """The market's own version, held against its token: ids of the newer protocol have a form that no older one has.

    A market says 2 where nobody told its version, so the token's form outweighs that; a 3 was said by somebody.
    """
    newer = is_v2_position_id(terms.token_id)
    if terms.exchange_version == _NEWER_EXCHANGE and not newer:
        raise CannotBuild(
            RejectReason.SIGNATURE, f"a market of exchange version {_NEWER_EXCHANGE}, a token of an older one"
        )
    return "3" if newer else "2"


def _check_lifetime(terms: OrderTerms) -> None:
    if terms.post_only and not terms.order_type.rests:
        raise CannotBuild(RejectReason.OTHER, "only an order that rests can be post-only")
    if (terms.order_type is OrderType.GTD) != (terms.expires_at > 0):
        raise CannotBuild(RejectReason.OTHER, "an expiration is a GTD order's, and it needs one")
    least = terms.timestamp_ms // 1000 + _EXPIRES_AFTER_SECONDS
    if terms.order_type is OrderType.GTD and terms.expires_at < least:
        raise CannotBuild(RejectReason.OTHER, f"an order of less than {_EXPIRES_AFTER_SECONDS} seconds")


def _amounts(terms: OrderTerms) -> tuple[int, int]:
    tick = terms.tick.normalize()
    try:
        limit = validate_price_on_tick_grid(terms.limit, tick, "limit")
        if terms.order_type.rests:
            offered, requested = _compute_limit_order_amounts(
                price=limit, size=terms.amount, side=terms.side.value, tick_size=tick
            )
        else:
            offered, requested = _compute_market_order_amounts(
                amount=terms.amount, price=limit, side=terms.side.value, tick_size=tick
            )
    except (UserInputError, UnexpectedResponseError) as refusal:
        raise CannotBuild(RejectReason.TICK, str(refusal)) from None
    if offered <= 0 or requested <= 0:
        raise CannotBuild(RejectReason.SIZE, "the order rounds to nothing")
    if terms.side is Side.BUY and offered >= requested * (limit + _FINEST_TICK):
        raise CannotBuild(RejectReason.SIZE, "too small to keep its limit")
    return offered, requested
