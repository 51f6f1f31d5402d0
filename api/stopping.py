"""Stopping everything at once, and beginning again (UX S16). Sells run on either way.

The stop is durable first; trading looks at each buy once more right before it is sent (SAFETY R11), so what was not
sent then never is. What was already on its way may still fill, and is counted as such.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Final

from api.actor import UserActor
from api.database import Transaction
from api.doors import Doors
from api.problems import not_found
from schemas.me_views import Stopped

LOOK_SECONDS: Final = 0.05
# A look before a POST takes milliseconds; a plan that nobody looked at for so long is not being sent.
SETTLE_SECONDS: Final = 1.0


async def stop_all(transaction: Transaction, actor: UserActor) -> tuple[Stopped, tuple[str, ...]]:
    """Pause every following that buys. What it did, as far as is known at once, and the buys that were not over."""
    for row in await transaction.rows("stop_all", user_id=actor.user_id):
        await transaction.run("keep_version", allocation_id=row["allocation_id"], changed_by=actor.name)
    stopped = await transaction.rows("stopped_followings", user_id=actor.user_id)
    buys = await transaction.rows("open_buys", user_id=actor.user_id)
    names = tuple(row["copy_order_id"] for row in buys)
    dropped, sent = await _counted(transaction, names)
    paused = tuple(row["allocation_id"] for row in stopped)
    return Stopped(paused=paused, dropped=dropped, may_still_fill=sent), names


async def settled(doors: Doors, asking: UserActor, stopped: Stopped, buys: Sequence[str]) -> Stopped:
    """The same with buys counted once none of them is in the moment between trading's last look and its POST."""
    until = time.monotonic() + SETTLE_SECONDS
    undecided = bool(buys)
    while undecided:
        await asyncio.sleep(LOOK_SECONDS)
        async with doors.database.transaction(asking.scope) as transaction:
            rows = await transaction.rows("how_far", copy_order_ids=list(buys))
            dropped, sent = await _counted(transaction, buys)
        stopped = stopped.model_copy(update={"dropped": dropped, "may_still_fill": sent})
        undecided = time.monotonic() < until and any(not row["over"] and not row["sent"] for row in rows)
    return stopped


async def _counted(transaction: Transaction, buys: Sequence[str]) -> tuple[int, int]:
    if not buys:
        return 0, 0
    rows = await transaction.rows("how_far", copy_order_ids=list(buys))
    sent = sum(row["sent"] for row in rows)
    return len(rows) - sent, sent


async def resume(
    transaction: Transaction, actor: UserActor, allocation_ids: Sequence[str] | None
) -> tuple[str, ...]:
    """Buy again, from now on, for those that stop-all paused, or for those named. 404 where one is not the user's."""
    named = None if allocation_ids is None else list(dict.fromkeys(allocation_ids))
    if named is not None:
        known = await transaction.row("followings_named", user_id=actor.user_id, allocation_ids=named)
        if known is None or known["known"] != len(named):
            raise not_found("following")
    rows = await transaction.rows("paused_followings", user_id=actor.user_id, allocation_ids=named)
    for row in rows:
        await transaction.run(
            "change_state", allocation_id=row["allocation_id"], user_id=actor.user_id, state="active"
        )
        await transaction.run("keep_version", allocation_id=row["allocation_id"], changed_by=actor.name)
    return tuple(row["allocation_id"] for row in rows)
