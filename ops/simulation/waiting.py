"""What follows from ended orders in the same transaction: copy orders that waited are decided, in order (RULES §4)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from ops.simulation import ground
from ops.simulation.outbox import write_finished
from ops.simulation.tables import Row, Transaction
from schemas.enums import CopyState, Side
from streams.copy_execution.answers import Answer, circumstances_of
from streams.copy_execution.books import apply_decision
from streams.copy_execution.decide import decide

if TYPE_CHECKING:
    from ops.simulation.world import World


def waiting_pairs(
    transaction: Transaction, allocation_ids: Sequence[str], now: datetime
) -> list[tuple[str, str]]:
    """Allocation and token where something waits behind no open BUY."""
    rows = list(transaction.rows("copy_orders"))
    waits = {(row["allocation_id"], row["token_id"]) for row in rows if row["state"] is CopyState.WAITING}
    if not waits:
        return []
    posted = {row["copy_order_id"]: row["posted_at"] for row in transaction.rows("orders")}
    holding = {
        (row["allocation_id"], row["token_id"])
        for row in rows
        if row["side"] is Side.BUY
        and row["state"] in ground.HELD_BACK
        and (
            row["state"] is CopyState.PLANNED or not ground.is_overdue(posted.get(row["copy_order_id"]), now)
        )
    }
    return sorted(pair for pair in waits - holding if pair[0] in allocation_ids)


def follow_up(world: World, transaction: Transaction, allocation_ids: Sequence[str]) -> None:
    """Decide what waits for these locked allocations, as far as it may be decided now."""
    if not world.build.waiting_is_decided:
        return
    for allocation_id, token_id in waiting_pairs(transaction, allocation_ids, world.now):
        allocation = transaction.get("allocations", allocation_id)
        if allocation is not None and allocation["state"] != "ended":
            _decide(world, transaction, allocation, token_id)


def _decide(world: World, transaction: Transaction, allocation: Row, token_id: str) -> None:
    (following,) = ground.followings(transaction, [allocation], world.build, world.now)
    following.books.waiting_tokens.discard(token_id)
    around = ground.surroundings(transaction, world.now)
    waiting = [
        row
        for row in transaction.rows("copy_orders")
        if row["state"] is CopyState.WAITING
        and (row["allocation_id"], row["token_id"]) == (allocation["allocation_id"], token_id)
    ]
    for row in sorted(waiting, key=lambda row: int(row["number"])):
        message = row["message"]
        seen = circumstances_of(message, around)
        own = following.in_force(message.role_version)
        decision = decide(seen, own, following.account, following.books)
        if decision is None or decision.state is CopyState.WAITING:
            break
        answer = Answer(around.now, row["copy_order_id"], message, following, decision)
        transaction.change("copy_orders", row["copy_order_id"], **ground.decided_columns(answer, seen))
        write_finished(world, transaction, answer)
        apply_decision(decision, seen.trade, seen.market, following.account, following.books)
    ground.write_books(transaction, [following], world.build)
