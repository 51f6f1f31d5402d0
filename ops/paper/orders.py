"""The body of ``POST /order`` read strictly: what was sent, or None where it is no order (polymarket.md §8.2)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, cast

from ops.paper.refusals import BAD_PAYLOAD, OLD_VERSION, Refusal
from ops.paper.signing import OrderFields
from ops.paper.tokens import Side

OrderType = Literal["GTC", "GTD", "FOK", "FAK"]

_ADDRESS: Final = re.compile(r"0x[0-9a-fA-F]{40}")
_BYTES32: Final = re.compile(r"0x[0-9a-fA-F]{64}")
_SIGNATURE: Final = re.compile(r"0x(?:[0-9a-fA-F]{2}){1,1024}")
_DIGITS: Final = re.compile(r"[0-9]{1,78}")
_ORDER_TYPES: Final = frozenset(("GTC", "GTD", "FOK", "FAK"))
_SIDES: Final = {"BUY": 0, "SELL": 1}
_MOST_256: Final = (1 << 256) - 1
# The ledger counts in 64 bits; an order of more than a trillion USDC is no order.
_MOST_AMOUNT: Final = 10**18


@dataclass(frozen=True, slots=True)
class PostedOrder:
    """One order as posted."""

    fields: OrderFields
    token_id: str
    side: Side
    order_type: OrderType
    expiration: int
    post_only: bool
    owner: str
    signature: bytes


def read_order(body: object) -> PostedOrder | Refusal:
    """The posted order; a refusal when a field is missing, of the wrong form, or the order is of the first version."""
    if not isinstance(body, dict):
        return BAD_PAYLOAD
    signed = body.get("order")
    order_type = body.get("orderType")
    owner = body.get("owner")
    if not isinstance(signed, dict) or order_type not in _ORDER_TYPES or not isinstance(owner, str):
        return BAD_PAYLOAD
    if "timestamp" not in signed and "nonce" in signed:
        return OLD_VERSION
    post_only = body.get("postOnly", False)
    if not isinstance(post_only, bool) or (post_only and order_type not in ("GTC", "GTD")):
        return BAD_PAYLOAD
    try:
        fields = _fields(signed)
        expiration = _number(signed.get("expiration", "0"), _MOST_256)
        signature = bytes.fromhex(_text(signed.get("signature"), _SIGNATURE)[2:])
    except ValueError:
        return BAD_PAYLOAD
    return PostedOrder(
        fields=fields,
        token_id=str(fields.token_id),
        side=cast(Side, signed["side"]),
        order_type=cast(OrderType, order_type),
        expiration=expiration,
        post_only=post_only,
        owner=owner,
        signature=signature,
    )


def _fields(signed: Mapping[str, object]) -> OrderFields:
    side = signed.get("side")
    if not isinstance(side, str) or side not in _SIDES:
        raise ValueError("side")
    maker_amount = _number(signed.get("makerAmount"), _MOST_AMOUNT)
    taker_amount = _number(signed.get("takerAmount"), _MOST_AMOUNT)
    if maker_amount == 0 or taker_amount == 0:
        raise ValueError("amounts")
    return OrderFields(
        salt=_number(signed.get("salt"), _MOST_256),
        maker=_text(signed.get("maker"), _ADDRESS).lower(),
        signer=_text(signed.get("signer"), _ADDRESS).lower(),
        token_id=_number(signed.get("tokenId"), _MOST_256),
        maker_amount=maker_amount,
        taker_amount=taker_amount,
        side=_SIDES[side],
        signature_type=_number(signed.get("signatureType"), 3),
        timestamp=_number(signed.get("timestamp"), _MOST_256),
        metadata=bytes.fromhex(_text(signed.get("metadata"), _BYTES32)[2:]),
        builder=bytes.fromhex(_text(signed.get("builder"), _BYTES32)[2:]),
    )


def _number(value: object, most: int) -> int:
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        raise ValueError("not a number in range")
    return value


def _text(value: object, form: re.Pattern[str]) -> str:
    if not isinstance(value, str) or not form.fullmatch(value):
        raise ValueError("not of the form")
    return value
