"""A copy order of a run as one line of JSON or a row of CSV; what there is none of is left out, or empty."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from schemas.money import plain
from streams.what_if.run import CopyOutcome

COLUMNS: Final = (
    "trade_id", "allocation_id", "state", "reason", "amount", "shares", "limit", "reserve", "target_shares",
    "reduced_by", "carried_usdc", "outcome",
)  # fmt: skip


def line_fields(copy: CopyOutcome) -> dict[str, str]:
    """The line's fields in their order; numbers as text without trailing zeros."""
    decision = copy.decision
    fields: tuple[str | Decimal | None, ...] = (
        copy.trade_id, copy.allocation_id, decision.state.value, decision.reason, decision.amount_usdc,
        decision.shares, decision.limit_price, decision.reserve_usdc, decision.target_shares, decision.reduced_by,
        decision.carried_usdc, copy.outcome,
    )  # fmt: skip
    return {
        name: plain(value) if isinstance(value, Decimal) else str(value)
        for name, value in zip(COLUMNS, fields, strict=True)
        if value is not None
    }
