"""A copy order of a run as one line of JSON; what there is none of is left out."""

from __future__ import annotations

from decimal import Decimal

from schemas.money import plain
from streams.what_if.run import CopyOutcome


def line_fields(copy: CopyOutcome) -> dict[str, str]:
    """The line's fields in their order; numbers as text without trailing zeros."""
    decision = copy.decision
    fields: dict[str, str | Decimal | None] = {
        "trade_id": copy.trade_id,
        "allocation_id": copy.allocation_id,
        "state": decision.state.value,
        "reason": decision.reason,
        "amount": decision.amount_usdc,
        "shares": decision.shares,
        "limit": decision.limit_price,
        "reserve": decision.reserve_usdc,
        "target_shares": decision.target_shares,
        "reduced_by": decision.reduced_by,
        "carried_usdc": decision.carried_usdc,
        "outcome": copy.outcome,
    }
    return {
        name: plain(value) if isinstance(value, Decimal) else str(value)
        for name, value in fields.items()
        if value is not None
    }
