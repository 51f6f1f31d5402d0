"""The exchange's words and what each proves (polymarket.md §2.5, §2.6). Lower-case parts; the first that fits counts.

The wire carries texts; the symbolic codes of older documents are kept beside them.
"""

from __future__ import annotations

from typing import Final

from schemas.enums import RejectReason

KILLED: Final = (
    "no orders found to match with fak order",
    "fok orders are fully filled or killed",
    "fok_order_not_filled_error",
)
"""The order is over and nothing was filled."""

DUPLICATED: Final = ("duplicated",)
"""The exchange has these bytes, whatever became of them."""

AMBIGUOUS: Final = (
    *DUPLICATED,
    "context canceled",
    "delayed due to market conditions",
    "delaying_order_error",
    "could not insert order",
    "could not run the execution",
    "execution_error",
    "there are no matching orders",
    "the trade contains rounding issues",
)
"""Words after which the order may exist, with whatever status they come."""

REFUSED: Final = (
    ("not enough balance", RejectReason.NOT_ENOUGH),
    ("not_enough_balance", RejectReason.NOT_ENOUGH),
    ("insufficient balance", RejectReason.NOT_ENOUGH),
    ("allowance is not enough", RejectReason.NOT_ENOUGH),
    ("breaks minimum tick size", RejectReason.TICK),
    ("invalid_order_min_tick_size", RejectReason.TICK),
    ("lower than the minimum", RejectReason.SIZE),
    ("invalid_order_min_size", RejectReason.SIZE),
    ("invalid amount for a marketable buy order", RejectReason.SIZE),
    ("max accuracy of", RejectReason.SIZE),
    ("invalid signature", RejectReason.SIGNATURE),
    ("order_version_mismatch", RejectReason.SIGNATURE),
    ("signer address has to be", RejectReason.SIGNATURE),
    ("address banned", RejectReason.BANNED),
    ("closed only mode", RejectReason.CLOSE_ONLY),
    ("restricted in your region", RejectReason.REGION),
    ("maker address not allowed", RejectReason.UNAUTHORIZED),
    ("owner has to be the owner of the api key", RejectReason.UNAUTHORIZED),
    ("invalid api key", RejectReason.UNAUTHORIZED),
    ("unauthorized", RejectReason.UNAUTHORIZED),
    ("invalid l1 request headers", RejectReason.UNAUTHORIZED),
    ("no orderbook exists", RejectReason.NO_BOOK),
    ("market not found", RejectReason.NO_BOOK),
    ("not yet ready to process new orders", RejectReason.NO_BOOK),
    ("market_not_ready", RejectReason.NO_BOOK),
    ("invalid order payload", RejectReason.OTHER),
    ("invalid expiration", RejectReason.OTHER),
    ("invalid_order_expiration", RejectReason.OTHER),
    ("crosses the book", RejectReason.OTHER),
    ("post-only order: order crosses book", RejectReason.OTHER),
    ("canceled in the ctf exchange contract", RejectReason.OTHER),
    ("too many orders in payload", RejectReason.OTHER),
)  # fmt: skip
"""Words that are documented to mean: not placed, and why."""

CLOSED_FOR_NOW: Final = ("trading is currently disabled", "cancel-only", "post-only mode", "post_only_mode")
"""Words of a 503 that are documented to mean: not placed, come again."""
