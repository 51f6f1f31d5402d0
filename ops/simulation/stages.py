"""The two stages that read topics: classify and copy_execution, as the guard runs them, one round trip at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from ops.simulation import ground
from ops.simulation.logs import Fenced, Log
from ops.simulation.outbox import write_finished
from ops.simulation.steps import Program, Steps
from ops.simulation.tables import ConnectionLost, Row, Transaction, UniqueViolation
from schemas.enums import AddressType
from schemas.trades import LeaderTraded
from streams.classify.reading import read
from streams.classify.sorting import Outcome, sort
from streams.copy_execution.answers import Answer, Answering, circumstances_of
from streams.copy_execution.flood import happened_at, is_counted
from streams.copy_execution.following import Following, Surroundings
from streams.copy_execution.names import Names
from streams.kafka.guard import DeadMessage, Received
from streams.topology import COPY_LEADER

if TYPE_CHECKING:
    from ops.simulation.world import World

BATCH: Final = 4
RETRY_SECONDS: Final = 0.2
Handling = Callable[["World", Program, Sequence[Received]], Steps[None]]


def reading(world: World, process: Program, log: Log, handle: Handling) -> Steps[None]:
    """A member of the group: read, handle until it is durable, acknowledge; again and again."""
    generation = log.join()
    offset = log.committed
    try:
        while True:
            yield lambda first=offset: len(log.messages) > first or log.generation != generation  # type: ignore[misc]
            batch = log.read(offset, BATCH, generation)
            offset += len(batch)
            if not world.build.ack_comes_after_commit:
                log.acknowledge(offset, generation)
            while True:
                yield f"{log.topic}: read"
                try:
                    yield from handle(world, process, batch)
                    break
                except (ConnectionLost, UniqueViolation):
                    yield RETRY_SECONDS
            yield f"{log.topic}: handled"
            log.acknowledge(offset, generation)
    except Fenced:
        # As the real one: out of the group, the process ends and begins anew.
        world.end(process)


def classify(world: World, process: Program, batch: Sequence[Received]) -> Steps[None]:
    """Store, move the ledgers, send what goes to the role topics."""
    items = [item for received in batch if (item := read(received, world.roles)) is not None]
    transaction = world.begin(process)
    wallets = sorted({received.key.decode() for received in batch if received.key is not None})
    yield from transaction.lock("wallets", [(wallet,) for wallet in wallets])
    standing = ground.standing(transaction)
    outcome = sort(items, standing, world.now)
    for new in outcome.new:
        key = (new.trade.wallet, new.trade.trade_id)
        yield from transaction.insert("trades", key, {"known": standing.known[key]})
    for (wallet, role), ledger in standing.ledgers.items():
        transaction.put("wallet_ledgers", (wallet, role), {"wallet": wallet, "role": role, "ledger": ledger})
    for (role, wallet, token_id), held in standing.positions.items():
        row = {"role": role, "wallet": wallet, "token_id": token_id}
        transaction.put(
            "positions", (role, wallet, token_id), row | {"position": held.position, "number": held.number}
        )
    yield "classify: stored"
    transaction.commit()
    yield "classify: committed"
    yield from _send(world, outcome)


def _send(world: World, outcome: Outcome) -> Steps[None]:
    for send in outcome.sends:
        if send.topic is COPY_LEADER:
            world.leader_log(send.key).append(send.key, send.value, world.now)
            yield "classify: sent"
    yield from _bury(world, outcome.dead)


def _bury(world: World, dead: Sequence[DeadMessage]) -> Steps[None]:
    for message in dead:
        if world.build.dead_letters_are_written:
            world.dead_letters.setdefault(message.received.place, message.reason)
        yield "dead letter sent"


def copy_execution(world: World, process: Program, batch: Sequence[Received]) -> Steps[None]:
    """Decide every message for every follower, in one transaction."""
    messages = [LeaderTraded.decode(received.value or b"") for received in batch]
    transaction = world.begin(process)
    leaders = sorted({message.wallet for message in messages})
    rows = [row for row in transaction.rows("allocations") if row["leader"] in leaders]
    names = sorted(row["allocation_id"] for row in rows)
    yield from transaction.lock("allocations", [(name,) for name in names])
    accounts = sorted({row["account_id"] for row in rows})
    if world.build.account_is_locked:
        yield from transaction.lock("accounts", [(name,) for name in accounts])
    fresh = _fresh(world, transaction, messages)
    locked = [row for name in names if (row := transaction.get("allocations", name)) is not None]
    locked = [row for row in locked if _may_lead(world, row["leader"]) and row["state"] != "ended"]
    followings = ground.followings(transaction, locked, world.build, world.now)
    floods = (
        ground.floods(transaction, fresh, world.scenario.buys_most) if world.build.floods_are_counted else {}
    )
    around = replace(ground.surroundings(transaction, world.now), floods=floods)
    yield "copy_execution: loaded"
    answering = _answering(followings, around, world.now)
    for answer, _ in answering.answers(fresh, lambda: world.now):
        yield from insert_copy_order(world, transaction, answer, around)
        write_finished(world, transaction, answer)
    ground.write_books(transaction, followings, world.build)
    for message in fresh:
        row = {"trade_id": message.trade_id, "wallet": message.wallet, "number": message.number}
        row |= {"at": happened_at(message), "counted": is_counted(message)}
        if world.build.numbers_are_decided_once:
            yield from transaction.insert("leader_decisions", (message.wallet, message.number), row)
    yield "copy_execution: written"
    transaction.commit()
    yield "copy_execution: committed"


def _may_lead(world: World, wallet: str) -> bool:
    held = world.roles.of(wallet)
    checked = held is not None and AddressType.COPY_LEADER in held.since
    return checked or not world.build.executor_checks_the_role


def _fresh(world: World, transaction: Transaction, messages: Sequence[LeaderTraded]) -> list[LeaderTraded]:
    """Each number of a leader is decided once."""
    fresh: list[LeaderTraded] = []
    known: set[tuple[str, int]] = set()
    for message in messages:
        place = (message.wallet, message.number)
        decided = transaction.get("leader_decisions", *place) is not None
        if (not decided and place not in known) or not world.build.numbers_are_decided_once:
            fresh.append(message)
        known.add(place)
    return fresh


def _answering(followings: Sequence[Following], around: Surroundings, now: datetime) -> Answering:
    by_leader: dict[str, list[Following]] = {}
    for following in followings:
        by_leader.setdefault(following.allocation.leader, []).append(following)
    return Answering(by_leader, around, Names(), now)


def insert_copy_order(
    world: World, transaction: Transaction, answer: Answer, around: Surroundings
) -> Steps[None]:
    """One copy order, under its unique key."""
    row: Row = ground.copy_order_of(answer, circumstances_of(answer.message, around))
    if not world.build.reserve_is_held:
        row["reserve_usdc"] = None if row["reserve_usdc"] is None else ground.ZERO
    key: tuple[Any, ...] = (row["copy_order_id"],)
    if not world.build.numbers_are_decided_once:
        # Without the number there must be no other key either, or the database would refuse it alone.
        row["copy_order_id"] = f"{row['copy_order_id']}-{len(list(transaction.rows('copy_orders')))}"
        key = (row["copy_order_id"],)
    yield from transaction.insert("copy_orders", key, row)
