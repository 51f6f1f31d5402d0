"""From a posted body to a placement: every check of ``POST /order`` that needs no ledger, in the exchange's order."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from ops.paper.orders import PostedOrder, read_order
from ops.paper.placement import Placement
from ops.paper.refusals import (
    BAD_SIGNATURE,
    NO_BOOK,
    NOT_READY,
    NOT_THE_OWNER,
    NOT_THE_SIGNER,
    Refusal,
)
from ops.paper.rules import limit_steps, refuse_amounts, refuse_expiration, refuse_price
from ops.paper.signing import DEPOSIT_WALLET, EOA, order_hash, order_signed_by, struct_hash
from ops.paper.tokens import PRICE_SCALE, Registry, Token


class Caller(NamedTuple):
    """Who is proven to ask: the key's id and the address it belongs to, lower-case."""

    api_key: str
    address: str


class IntakeTerms(NamedTuple):
    """The chain that signatures are for, and the cap on decimals of market orders (None: as the tick has it)."""

    chain_id: int
    market_taker_decimals: int | None


def examine(
    body: object, caller: Caller, registry: Registry, terms: IntakeTerms, now_seconds: int
) -> Placement | Refusal:
    """The placement, or the first refusal."""
    order = read_order(body)
    if isinstance(order, Refusal):
        return order
    if order.owner != caller.api_key:
        return NOT_THE_OWNER
    token = registry.get(order.token_id)
    if token is None or token.closed:
        return NO_BOOK
    if not token.accepting_orders:
        return NOT_READY
    contents = struct_hash(order.fields)
    refusal = _refuse_signer(order, contents, token, caller, terms.chain_id)
    if refusal is not None:
        return refusal
    order_id = "0x" + order_hash(contents, token.exchange, terms.chain_id).hex()
    steps = limit_steps(order, token)
    if steps is None:
        return refuse_price(order, order_id, token)
    refusal = refuse_expiration(order, now_seconds) or refuse_amounts(
        order, order_id, token, terms.market_taker_decimals
    )
    if refusal is not None:
        return refusal
    limit = (Decimal(steps) / PRICE_SCALE).normalize()
    return Placement(order_id, order.fields.maker, caller.address, caller.api_key, order, token, limit)


def _refuse_signer(
    order: PostedOrder, contents: bytes, token: Token, caller: Caller, chain_id: int
) -> Refusal | None:
    fields = order.fields
    wallet_signs = fields.signature_type == DEPOSIT_WALLET
    if not wallet_signs and fields.signer != caller.address:
        return NOT_THE_SIGNER
    if (wallet_signs or fields.signature_type == EOA) and fields.maker != fields.signer:
        return BAD_SIGNATURE
    signed_by = order_signed_by(fields, contents, order.signature, token.exchange, chain_id)
    # A deposit wallet's order is signed by the wallet's owner, who is also the key's address.
    return None if signed_by == caller.address else BAD_SIGNATURE
