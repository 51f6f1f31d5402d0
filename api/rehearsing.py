"""What a following would have done with the leader's last buy, put together as the why of a copy; no copy order."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from api import asking_ahead, explaining, following
from api.actor import UserActor
from api.database import Transaction
from api.doors import Doors
from api.languages import spoken
from api.problems import Refused
from schemas.enums import Side
from schemas.views import AllocationView, CopyOrderView
from schemas.what_if_views import RehearsalView

# streams looks every 0.2 s, and decides in one round trip.
LOOK_SECONDS: Final = 0.05
ANSWER_SECONDS: Final = 3.0
NAME: Final = "rehearsal"


async def ask(transaction: Transaction, doors: Doors, actor: UserActor, allocation_id: str, key: str) -> str:
    """Ask for a rehearsal; its name. 404 for a following that is not the user's, 429 beyond the hour's number."""
    view = await following.shown(transaction, actor.user_id, allocation_id)
    row = {
        "kind": "rehearsal", "leader": view.leader, "venue": view.venue, "allocation_id": allocation_id, "days": 0,
        "preset": None, "settings": view.settings.model_dump_json(exclude_none=True),
    }  # fmt: skip
    return await asking_ahead.put(transaction, doors, actor, row, key)


async def answered(doors: Doors, asking: UserActor, what_if_id: str) -> RehearsalView:
    """The rehearsal once streams has decided it. 503 when it does not."""
    until = time.monotonic() + ANSWER_SECONDS
    while True:
        async with doors.database.transaction(asking.scope) as transaction:
            row = await transaction.row("what_if", what_if_id=what_if_id, user_id=asking.user_id)
            if row is not None and row["state"] == "done":
                return await _shown(transaction, asking.user_id, row, doors.texts)
        if row is None or row["state"] == "failed" or time.monotonic() > until:
            raise Refused("unavailable", spoken("refused.rehearsal_silent"), retry_after=2)
        await asyncio.sleep(LOOK_SECONDS)


async def _shown(
    transaction: Transaction, user_id: str, row: dict[str, Any], texts: Mapping[str, str]
) -> RehearsalView:
    found = row["result"]
    if found["trade"] is None:
        return RehearsalView(why=None, traded_at=None, note=texts["rehearsal.no_trade"])
    view = await following.shown(transaction, user_id, row["allocation_id"])
    market = await transaction.row("outcome_of_token", token_id=found["trade"]["token_id"])
    copy = _copy(view, found, market or {"question": None, "outcome": None})
    kept = _kept(view, found)
    facts = await explaining.facts_of(transaction, copy, kept, rehearsal=True)
    return RehearsalView(
        why=explaining.put_together(facts, kept, texts),
        traded_at=datetime.fromisoformat(found["trade"]["traded_at"]),
        note=texts["rehearsal.note"],
    )


def _copy(view: AllocationView, found: dict[str, Any], market: dict[str, Any]) -> CopyOrderView:
    """A copy order as it would be; the trade is taken to have been made now."""
    decision, now = found["decision"], datetime.fromisoformat(found["now"])
    return CopyOrderView(
        copy_order_id=NAME,
        allocation_id=view.allocation_id,
        allocation_version=found["version"],
        user_id=view.user_id,
        leader=view.leader,
        leader_label=view.leader_label,
        venue=view.venue,
        trade_id=found["trade"]["trade_id"],
        side=Side.BUY,
        token_id=found["trade"]["token_id"],
        question=market["question"],
        outcome=market["outcome"],
        state=decision["state"],
        reason=decision["reason"],
        reject_reason=None,
        reduced_by=decision["reduced_by"],
        amount_usdc=_decimal(decision["amount_usdc"]),
        shares=None,
        limit_price=_decimal(decision["limit_price"]),
        filled_shares=Decimal(0),
        usdc=Decimal(0),
        fee_usdc=Decimal(0),
        realised_usdc=Decimal(0),
        reversed=False,
        late_fill=False,
        attempts=0,
        traded_at=now,
        seen_at=now,
        decided_at=now,
        ended_at=None,
    )


def _kept(view: AllocationView, found: dict[str, Any]) -> dict[str, Any]:
    trade = found["trade"]
    return {
        "inputs": found["inputs"],
        "checks": found["checks"],
        "times": {},
        "cause": NAME,
        "reserve_usdc": _decimal(found["decision"]["reserve_usdc"]),
        "settings": view.settings.model_dump(mode="json", exclude_none=True),
        "kind": trade["kind"],
        "source": trade["source"],
        "size": _decimal(trade["size"]),
        "price": _decimal(trade["price"]),
        "usdc": _decimal(trade["usdc"]),
        "tx_hash": trade["tx_hash"],
        "classified_at": None,
    }


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
