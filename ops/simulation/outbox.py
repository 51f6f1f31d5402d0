"""The outbox: ends are committed with what says them, and a relay puts that onto its topic, at least once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from ops.simulation.steps import Program, Steps
from ops.simulation.tables import ConnectionLost, Row, Transaction
from schemas.copies import CopyFinished
from schemas.enums import OPEN_COPY_STATES
from streams.copy_execution.answers import Answer
from streams.copy_execution.finished import finished_json
from streams.topology import COPY_RESULTS

if TYPE_CHECKING:
    from ops.simulation.world import World

MOST: Final = 8
RETRY_SECONDS: Final = 0.2
WAIT_FOR_LOCK_SECONDS: Final = 1.0


def write_outbox(world: World, transaction: Transaction, rows: Iterable[Row]) -> None:
    """What is to be said, in the transaction of its cause; a broken build says it at once."""
    for row in rows:
        number = world.new_id()
        transaction.put("outbox", (number,), row | {"number": number, "sent": False})
        if not world.build.outbox_is_committed_with_its_cause:
            world.results.append(row["key"], row["value"], world.now)


def write_finished(world: World, transaction: Transaction, answer: Answer) -> None:
    """A copy order that ended with its decision."""
    if answer.decision.state not in OPEN_COPY_STATES:
        said = {"topic": COPY_RESULTS.name, "key": answer.following.wallet, "value": finished_json(answer)}
        write_outbox(world, transaction, [said])


def write_end(world: World, transaction: Transaction, copy: Row) -> None:
    """A copy order that ended without an order of its own."""
    account = transaction.get("accounts", copy["account_id"])
    assert account is not None
    columns = {"usdc": "filled_usdc", "shares": "filled_shares"}
    columns |= {name: name for name in ("fee_usdc", "realised_usdc")}
    named = ("copy_order_id", "trade_id", "allocation_id", "user_id", "leader", "side", "token_id", "state")
    finished = CopyFinished(
        **{name: copy[name] for name in (*named, "reason")},
        **{name: copy[column] for name, column in columns.items()},
        follower=account["wallet"],
        venue="paper",
        finished_at=world.now,
    )
    said = {"topic": COPY_RESULTS.name, "key": finished.follower, "value": finished.encode()}
    write_outbox(world, transaction, [said])


def relaying(world: World, process: Program) -> Steps[None]:
    """One relay at a time: read what is not sent, send it, mark it."""
    while True:
        try:
            yield from _relay(world, process)
        except ConnectionLost:
            yield RETRY_SECONDS


def _relay(world: World, process: Program) -> Steps[None]:
    session = world.database.begin(process)
    try:
        yield from _relay_with(world, process, session)
    finally:
        session.roll_back()


def _relay_with(world: World, process: Program, session: Transaction) -> Steps[None]:
    while not session.try_lock("advisory", ("relay",)):
        yield WAIT_FOR_LOCK_SECONDS
    while True:
        yield lambda: world.something_is_unsent
        rows = sorted(_unsent(session), key=lambda row: int(row["number"]))[:MOST]
        if not world.build.outbox_is_marked_after_sending:
            yield from _mark(world, process, rows)
        for row in rows:
            world.results.append(row["key"], row["value"], world.now)
            yield "relay: confirmed"
        if world.build.outbox_is_marked_after_sending:
            yield from _mark(world, process, rows)


def _unsent(session: Transaction) -> Iterable[Row]:
    return (row for row in session.rows("outbox") if not row["sent"])


def _mark(world: World, process: Program, rows: Iterable[Row]) -> Steps[None]:
    transaction = world.begin(process)
    for row in rows:
        transaction.change("outbox", row["number"], sent=True)
    transaction.commit()
    yield "relay: marked"
