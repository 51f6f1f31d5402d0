"""Deciding again what waited for the end of a BUY (RULES §4 check 5), in the transaction of who proved that end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from schemas.base import rfc3339
from schemas.enums import CopyState, Source
from schemas.trades import LeaderTraded
from streams.copy_execution.answers import Answer, circumstances_of
from streams.copy_execution.batch import AllocationRow
from streams.copy_execution.books import apply_decision
from streams.copy_execution.circumstances import Circumstances
from streams.copy_execution.decide import decide
from streams.copy_execution.decision import Decision
from streams.copy_execution.following import Following, Surroundings
from streams.copy_execution.notices import not_sold
from streams.copy_execution.rows import cause_of, deadline_of, evidence, market_id_of, taken_up
from streams.tables.asking import Connection, Question, ask
from streams.tables.books import load_followings, surroundings
from streams.tables.decisions import BooksBefore, changes_of_books, notices, wake_ups, write_finished
from streams.tables.ground import shared_of, shared_questions
from streams.tables.settings import SettingsKept

# A trade whose source is not trusted with live money was skipped when it came; what waits was let through then.
_ANY_SOURCE: Final = frozenset(Source)
_UPDATE: Final = "trading/decide_waiting_order"

Waiting = Sequence[tuple[str, LeaderTraded]]
"""Copy orders that wait, with their messages, in the order of the leader's ledger."""


async def decide_waiting(
    connection: Connection, allocation_id: str, token_id: str, decided: datetime
) -> list[Answer]:
    """Decide the waiting copy orders of this allocation and token, in order, up to the first that must wait still.

    The caller may hold the locks already; they are taken here in their order too (allocation, account). ``now`` of
    the decisions is Postgres' clock, ``decided`` the caller's own, kept as a time of the stage. Nothing is decided
    for an allocation that has ended: its orders end FOLLOWING_ENDED elsewhere.
    """
    place = {"allocation_id": allocation_id, "token_id": token_id}
    rows = await ask(
        connection,
        [("decision/lock_allocation", place), ("trading/lock_waiting_orders", place)],
    )
    waiting = [
        (name, LeaderTraded.model_validate(message)) for name, message in rows["trading/lock_waiting_orders"]
    ]
    if not waiting:
        return []
    messages = [message for _, message in waiting]
    (locked,) = rows["decision/lock_allocation"]
    allocation = AllocationRow(*locked[:10])
    reads = {allocation.leader: list(zip(locked[10], locked[11], strict=True))}
    shared = shared_of(await ask(connection, shared_questions(messages)), messages, reads)
    loaded = await load_followings(connection, [allocation], messages, shared, SettingsKept())
    (following,) = loaded.all()
    before = BooksBefore.of([following])
    following.books.waiting_tokens.discard(token_id)
    around = surroundings(shared, loaded, _ANY_SOURCE)
    steps = list(_decided(waiting, following, around, rfc3339(decided)))
    answers = [answer for answer, _ in steps]
    finished = await write_finished(connection, answers)
    planned = any(answer.decision.state is CopyState.PLANNED for answer in answers)
    for _, update in steps:
        await ask(connection, [(_UPDATE, update)])
    told = [
        notice
        for each in answers
        for notice in not_sold(each.name, each.message, each.following, each.decision)
    ]
    changes: list[Question] = [*changes_of_books([following], before), *notices(told)]
    await ask(connection, [*changes, *wake_ups(planned=planned, finished=finished)])
    return answers


def _decided(
    waiting: Waiting, following: Following, around: Surroundings, decided: str
) -> Iterator[tuple[Answer, Mapping[str, object]]]:
    """Each decision with the row it makes; the books follow."""
    for name, message in waiting:
        seen = circumstances_of(message, around)
        allocation = following.in_force(message.role_version)
        decision = decide(seen, allocation, following.account, following.books)
        if decision is None or decision.state is CopyState.WAITING:
            return
        inputs, checks = evidence(message, seen, allocation, following, decision)
        update = _row(seen, following, decision) | {
            "copy_order_id": name,
            "now": around.now,
            "decided": decided,
            "deadline": deadline_of(decision, seen, allocation),
            "inputs": inputs,
            "checks": checks,
        }
        apply_decision(decision, seen.trade, seen.market, following.account, following.books)
        yield Answer(around.now, name, message, following, decision), update


def _row(seen: Circumstances, following: Following, decision: Decision) -> dict[str, object]:
    return {
        "state": decision.state,
        "reason": decision.reason,
        "cause": f"{cause_of(decision)} after waiting",
        "version": following.version,
        "follower": following.wallet,
        "market_id": market_id_of(seen, following),
        "reduced_by": decision.reduced_by,
        "amount_usdc": decision.amount_usdc,
        "shares": decision.shares,
        "limit_price": decision.limit_price,
        "reserve_usdc": decision.reserve_usdc,
        "carried_usdc": decision.carried_usdc,
        "taken_up": taken_up(decision),
    }
