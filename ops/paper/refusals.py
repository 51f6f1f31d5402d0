"""What the exchange says when it says no: HTTP status and its exact words (polymarket.md §2.5).

Clients match on these texts; a test compares them with a golden list.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Refusal(NamedTuple):
    """A definite no: the HTTP status and the text of ``{"error": …}``."""

    status: int
    error: str


UNAUTHORIZED: Final = Refusal(401, "Unauthorized/Invalid api key")
BAD_LOGIN: Final = Refusal(401, "Invalid L1 Request headers")
KEY_EXISTS: Final = Refusal(400, "Could not create api key")
KEY_UNKNOWN: Final = Refusal(400, "Could not derive api key!")
BAD_PAYLOAD: Final = Refusal(400, "Invalid order payload")
NOT_THE_OWNER: Final = Refusal(400, "the order owner has to be the owner of the API KEY")
NOT_THE_SIGNER: Final = Refusal(400, "the order signer address has to be the address of the API KEY")
BAD_SIGNATURE: Final = Refusal(400, "invalid signature")
BAD_EXPIRATION: Final = Refusal(400, "invalid expiration")
OLD_VERSION: Final = Refusal(400, "order_version_mismatch")
NOT_READY: Final = Refusal(400, "the market is not yet ready to process new orders")
POST_ONLY_CROSSES: Final = Refusal(400, "invalid post-only order: order crosses book")
FOK_KILLED: Final = Refusal(400, "order couldn't be fully filled. FOK orders are fully filled or killed.")
FAK_KILLED: Final = Refusal(
    400,
    "no orders found to match with FAK order. FAK orders are partially filled or killed if no match is found.",
)
NO_BOOK: Final = Refusal(404, "No orderbook exists for the requested token id")
NO_MARKET: Final = Refusal(404, "market not found")
NO_ORDER: Final = Refusal(404, "Order not found")
NO_ROUTE: Final = Refusal(404, "404 page not found")
NOT_STORED: Final = Refusal(500, "could not insert order")
NOT_RUN: Final = Refusal(500, "could not run the execution")


def duplicated(order_id: str) -> Refusal:
    """The same order once more, whatever became of it."""
    return Refusal(400, f"order {order_id} is invalid. Duplicated.")


def off_tick(order_id: str, price: str, tick: str) -> Refusal:
    """The price is no multiple of the tick, or outside [tick, 1 - tick]."""
    return Refusal(400, f"order {order_id} is invalid. Price ({price}) breaks minimum tick size rule: {tick}")


def too_small(order_id: str, size: str, minimum: str) -> Refusal:
    """A resting order of fewer shares than the market allows."""
    return Refusal(400, f"order {order_id} is invalid. Size ({size}) lower than the minimum: {minimum}")


def buy_too_small(amount: str, minimum: str) -> Refusal:
    """A marketable BUY below the market's minimum in USDC."""
    return Refusal(400, f"invalid amount for a marketable BUY order (${amount}), min size: ${minimum}")


def inexact(kind: str, maker_decimals: int, taker_decimals: int) -> Refusal:
    """More decimals than the exchange takes; ``kind`` is such as ``market buy``."""
    return Refusal(
        400,
        f"invalid amounts, the {kind} orders maker amount supports a max accuracy of {maker_decimals} decimals, "
        f"taker amount a max of {taker_decimals} decimals",
    )


def not_enough(balance: int, reserved: int, wanted: int) -> Refusal:
    """Money or shares are missing; all in micro-units."""
    held = f", sum of active orders: {reserved}" if reserved else ""
    return Refusal(
        400,
        "not enough balance / allowance: the balance is not enough -> "
        f"balance: {balance}{held}, order amount: {wanted}",
    )


def too_many(count: int, most: int) -> Refusal:
    """More orders in one request than the exchange takes."""
    return Refusal(400, f"Too many orders in payload: {count}, max allowed: {most}")
