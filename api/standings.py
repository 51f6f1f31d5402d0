"""How followings do, for a whole page of them in one question."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from api.database import Transaction
from schemas.views import AllocationStanding, AllocationView


async def with_standings(
    transaction: Transaction, user_id: str, views: Sequence[AllocationView]
) -> tuple[AllocationView, ...]:
    """The same followings with their standing."""
    if not views:
        return ()
    rows = await transaction.rows(
        "standings", user_id=user_id, allocation_ids=[view.allocation_id for view in views]
    )
    standings = {row["allocation_id"]: _standing(row) for row in rows}
    return tuple(view.model_copy(update={"standing": standings.get(view.allocation_id)}) for view in views)


def _standing(row: dict[str, Any]) -> AllocationStanding:
    shown = {name: value for name, value in row.items() if name not in ("allocation_id", "lots_usdc")}
    if row["positions"] == 0:
        shown["worth_usdc"] = Decimal(0)
    worth = shown["worth_usdc"]
    shown["open_usdc"] = None if worth is None else worth - row["lots_usdc"]
    shown["result_usdc"] = row["realised_usdc"] + (shown["open_usdc"] or 0)
    return AllocationStanding.model_validate(shown)
