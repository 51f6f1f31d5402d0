"""What a transaction that decides stands on: the locks, who follows, what was decided before, and the facts that all
its decisions share."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from schemas.enums import Side, TradeKind
from schemas.trades import LeaderTraded
from streams.copy_execution.batch import AllocationRow
from streams.copy_execution.inputs import Market, Switches
from streams.tables.arrays import array
from streams.tables.asking import Connection, Question, Rows, ask

COPY_OF_OURS: Final = timedelta(minutes=10)
"""How near a copy BUY of the leader's own wallet makes a trade without order hash count as that copy (SAFETY R12)."""

RoleReads = Mapping[str, Sequence[tuple[int, datetime]]]


@dataclass(frozen=True, slots=True)
class Shared:
    """Facts that all decisions share; ``now`` is Postgres' clock once the allocations were locked."""

    now: datetime
    markets: dict[str, Market]
    switches: Switches
    role_reads: RoleReads
    copies_of_ours: frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Ground:
    """What the messages of one batch stand on. ``allocations`` are the rows of all that are not ended, locked;
    ``decided`` maps (leader, number) to the trade decided under it; ``answered`` are (trade, allocation) with a copy
    order; ``leaders`` hold the role copy_leader now."""

    shared: Shared
    allocations: Sequence[AllocationRow]
    decided: dict[tuple[str, int], str]
    answered: frozenset[tuple[str, str]]
    leaders: frozenset[str]


async def lock_and_look(
    connection: Connection, messages: Sequence[LeaderTraded], more: Sequence[Question] = ()
) -> tuple[Ground, Mapping[str, Rows]]:
    """Lock the leaders (shared), then their allocations in order of id (SAFETY R4), then read, ``more`` too, whose
    answers come along. One round trip."""
    leaders = array(sorted({message.wallet for message in messages}))
    numbered = {
        "leaders": array([message.wallet for message in messages]),
        "numbers": array([message.number for message in messages]),
        "trades": array([message.trade_id for message in messages]),
    }
    rows = await ask(
        connection,
        [
            ("copy_execution/lock_leaders", {"leaders": leaders}),
            ("copy_execution/lock_allocations_of_leaders", {"leaders": leaders}),
            ("copy_execution/before", numbered),
            *more,
            *shared_questions(messages),
        ],
    )
    locked = [row[:4] for row in rows["copy_execution/lock_leaders"]]
    reads = {wallet: list(zip(versions, times, strict=True)) for wallet, _, versions, times in locked}
    before = rows["copy_execution/before"]
    ground = Ground(
        shared_of(rows, messages, reads),
        [AllocationRow(*row) for row in rows["copy_execution/lock_allocations_of_leaders"]],
        {(row[0], row[1]): row[2] for row in before if row[2] is not None},
        frozenset((row[3], allocation_id) for row in before for allocation_id in row[4]),
        frozenset(wallet for wallet, leads, _, _ in locked if leads),
    )
    return ground, rows


def shared_questions(messages: Sequence[LeaderTraded]) -> list[Question]:
    """What to ask for ``Shared``; the clock comes last, so that everything was read before ``now``."""
    hashes = [m.order_hash for m in messages if _may_be_ours(m) and m.order_hash is not None]
    nameless = [m for m in messages if _may_be_ours(m) and m.order_hash is None]
    tokens = array(sorted({m.token_id for m in messages}))
    questions: list[Question] = [("decision/markets_of_tokens", {"tokens": tokens})]
    if hashes:
        questions.append(("decision/own_order_hashes", {"hashes": array(hashes)}))
    if nameless:
        around = {
            "wallets": array([m.wallet for m in nameless]),
            "tokens": array([m.token_id for m in nameless]),
            "since": array([_happened_at(m) - COPY_OF_OURS for m in nameless]),
            "until": array([_happened_at(m) + COPY_OF_OURS for m in nameless]),
        }
        questions.append(("decision/copied_buys_of_wallets", around))
    return [*questions, ("decision/switch_and_clock", {})]


def shared_of(rows: Mapping[str, Rows], messages: Sequence[LeaderTraded], reads: RoleReads) -> Shared:
    """The answers to ``shared_questions``, with the reads of the leaders' roles."""
    ((now, stopped, allowed_at),) = rows["decision/switch_and_clock"]
    return Shared(
        now=now,
        markets=markets_of(rows["decision/markets_of_tokens"]),
        switches=Switches(stopped, None if stopped else allowed_at),
        role_reads=reads,
        copies_of_ours=frozenset(_copies_of_ours(rows, messages)),
    )


def _may_be_ours(message: LeaderTraded) -> bool:
    return message.kind is TradeKind.TRADE and message.side is Side.BUY


def _happened_at(message: LeaderTraded) -> datetime:
    return min(message.traded_at, message.appended_at)


def _copies_of_ours(rows: Mapping[str, Rows], messages: Sequence[LeaderTraded]) -> Iterable[tuple[str, str]]:
    hashes = {order_hash for (order_hash,) in rows.get("decision/own_order_hashes", ())}
    copied: dict[tuple[str, str], list[datetime]] = defaultdict(list)
    for wallet, token_id, decided_at in rows.get("decision/copied_buys_of_wallets", ()):
        copied[wallet, token_id].append(decided_at)
    for message in messages:
        if not _may_be_ours(message):
            continue
        if message.order_hash is not None:
            ours = message.order_hash in hashes
        else:
            at = _happened_at(message)
            ours = any(
                abs(at - decided) <= COPY_OF_OURS for decided in copied[message.wallet, message.token_id]
            )
        if ours:
            yield message.wallet, message.trade_id


def markets_of(rows: Rows) -> dict[str, Market]:
    """The answer to ``decision/markets_of_tokens``, by token."""
    return {
        token_id: Market(market_id, tick, fee_rate, min_buy_usdc, end_at, closed, category, question)
        for token_id, market_id, tick, fee_rate, min_buy_usdc, end_at, closed, category, question in rows
    }
