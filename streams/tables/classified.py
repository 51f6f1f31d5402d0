"""Ledgers, positions and trades of classify: read and locked before the fold, written after it, in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from schemas.enums import AddressType, Source, TradeKind
from streams.classify.burst import Burst
from streams.classify.ledger import Position
from streams.classify.reading import Refused, Watched
from streams.classify.sorting import Lost, Outcome, Sorted
from streams.classify.standing import Held, KnownTrade, Ledger, Standing
from streams.tables.queries import query

Connection = AsyncConnection[TupleRow]
FOLDER: Final = {AddressType.COPY_LEADER: "leader", AddressType.SMART_TRADER: "smart"}


async def load_standing(connection: Connection, items: Sequence[Watched | Refused]) -> Standing:
    """Lock the ledgers of the batch's wallets, in order, and read what is stored about its messages."""
    standing = Standing()
    trades = [item.trade for item in items if isinstance(item, Watched)]
    wallets = {trade.wallet for trade in trades} | {
        item.wallet for item in items if isinstance(item, Refused) and item.wallet is not None
    }
    rows = await _all(connection, "classify/lock_ledgers", wallets=sorted(wallets))
    for wallet, role, last_number, since_version, unsure in rows:
        standing.ledgers[wallet, AddressType(role)] = Ledger(last_number, since_version, unsure)
    if not trades:
        return standing
    asked = {
        "wallets": [trade.wallet for trade in trades],
        "trade_ids": [trade.trade_id for trade in trades],
        "tx_hashes": [trade.tx_hash for trade in trades],
    }
    standing.add(map(_known, await _all(connection, "classify/known_trades", **asked)))
    undoing = [trade for trade in trades if trade.undoes is not None]
    if undoing:
        undoes = {"wallets": [t.wallet for t in undoing], "undoes": [t.undoes for t in undoing]}
        standing.add(map(_known, await _all(connection, "classify/undone_trades", **undoes)))
    roles = {role for item in items if isinstance(item, Watched) for role in item.held.since}
    tokens = sorted({(trade.wallet, trade.token_id) for trade in trades})
    for role in sorted(roles):
        await _load_positions(connection, role, tokens, standing)
    return standing


async def _load_positions(
    connection: Connection, role: AddressType, tokens: Sequence[tuple[str, str]], standing: Standing
) -> None:
    rows = await _all(
        connection,
        f"classify/{FOLDER[role]}_positions",
        wallets=[wallet for wallet, _ in tokens],
        token_ids=[token_id for _, token_id in tokens],
    )
    for row in rows:
        standing.positions[role, row[0], row[1]] = Held(_position(row), row[11])


async def store_outcome(connection: Connection, outcome: Outcome, standing: Standing) -> None:
    """Write what the fold changed."""
    for role in FOLDER:
        begun = sorted(wallet for wallet, of in outcome.begun if of is role)
        if begun:
            await _run(connection, f"classify/begin_{FOLDER[role]}_positions_anew", wallets=begun)
    if outcome.new:
        await _store_trades(connection, outcome.new)
        for role in FOLDER:
            await _keep_positions(connection, role, outcome, standing)
        await _keep_ledgers(connection, "classify/open_ledgers", outcome.opened, standing)
        await _keep_ledgers(connection, "classify/keep_ledgers", outcome.counted - outcome.opened, standing)
    if outcome.unsure:
        await mark_unsure(connection, outcome.unsure)
    await tell_holders(connection, outcome.lost)


async def mark_unsure(connection: Connection, wallets: Iterable[str]) -> None:
    """A message of these wallets is lost until it is fed again: their positions cannot be relied on (SAFETY R18)."""
    named = sorted(wallets)
    for statement in ("mark_ledgers_unsure", "mark_leader_positions_unsure", "mark_smart_positions_unsure"):
        await _run(connection, f"classify/{statement}", wallets=named)


async def tell_holders(connection: Connection, lost: Sequence[Lost]) -> None:
    """Tell the followers who hold a token that a message of their leader, which could not be applied, names."""
    if lost:
        await _run(
            connection,
            "classify/tell_holders",
            wallets=[one.wallet for one in lost],
            token_ids=[one.token_id for one in lost],
            places=[one.place for one in lost],
            reasons=[one.reason for one in lost],
        )


async def note_role_reads(connection: Connection, reads: Sequence[tuple[str, int]]) -> None:
    """From now on the wallets' trades are sorted by these versions of their roles (SAFETY R16)."""
    await _run(
        connection,
        "classify/note_role_reads",
        wallets=[wallet for wallet, _ in reads],
        versions=[version for _, version in reads],
    )


async def _store_trades(connection: Connection, new: Sequence[Sorted]) -> None:
    async with connection.cursor() as cursor, cursor.copy(query("classify/store_trades")) as copy:
        for item in new:
            await copy.write_row(_row(item))


def _row(item: Sorted) -> tuple[Any, ...]:
    trade = item.trade
    said, messages = item.said, item.messages
    leader, smart = said.get(AddressType.COPY_LEADER), said.get(AddressType.SMART_TRADER)
    either = leader or smart
    assert either is not None, "a watched wallet has a role"
    return (
        trade.wallet, trade.trade_id, trade.kind.value, trade.source.value, trade.side.value, trade.token_id,
        trade.size, trade.price, trade.usdc, trade.tx_hash, trade.order_hash, trade.undoes, item.traded_at,
        item.appended_at, either.classified_at, item.content,
        leader.number if leader is not None else None, smart.number if smart is not None else None,
        messages.get(AddressType.COPY_LEADER), messages.get(AddressType.SMART_TRADER),
    )  # fmt: skip


async def _keep_positions(
    connection: Connection, role: AddressType, outcome: Outcome, standing: Standing
) -> None:
    keys = sorted(key for key in outcome.moved if key[0] is role)
    if not keys:
        return
    held = [standing.positions[key] for key in keys]
    positions = [each.position for each in held]
    buys, sells = [each.buys for each in positions], [each.sells for each in positions]
    await _run(
        connection,
        f"classify/keep_{FOLDER[role]}_positions",
        wallets=[wallet for _, wallet, _ in keys],
        token_ids=[token_id for _, _, token_id in keys],
        shares=[each.shares for each in positions],
        gaps=[each.gap for each in positions],
        unsure=[each.unsure for each in positions],
        traded=[each.traded for each in positions],
        buys_started=[_started(burst) for burst in buys],
        buys_latest=[_latest(burst) for burst in buys],
        buys_first=[burst is not None and burst.first_entry for burst in buys],
        sells_started=[_started(burst) for burst in sells],
        sells_latest=[_latest(burst) for burst in sells],
        numbers=[each.number for each in held],
    )


async def _keep_ledgers(
    connection: Connection, statement: str, keys: set[tuple[str, AddressType]], standing: Standing
) -> None:
    if not keys:
        return
    ordered = sorted(keys)
    ledgers = [standing.ledgers[key] for key in ordered]
    await _run(
        connection,
        statement,
        wallets=[wallet for wallet, _ in ordered],
        roles=[role.value for _, role in ordered],
        numbers=[ledger.last_number for ledger in ledgers],
        since=[ledger.since_version for ledger in ledgers],
        unsure=[ledger.unsure for ledger in ledgers],
    )


def _known(row: TupleRow) -> KnownTrade:
    wallet, trade_id, kind, source, token_id, tx_hash, undoes, content, leader, smart = row
    return KnownTrade(
        wallet, trade_id, TradeKind(kind), Source(source), token_id, tx_hash, undoes, content, leader, smart
    )


def _position(row: TupleRow) -> Position:
    shares: Decimal = row[2]
    gap: Decimal = row[3]
    return Position(
        shares, gap, row[4], row[5], _burst(row[6], row[7], first_entry=row[8]), _burst(row[9], row[10])
    )


def _burst(
    started_at: datetime | None, latest_at: datetime | None, *, first_entry: bool = False
) -> Burst | None:
    if started_at is None or latest_at is None:
        return None
    return Burst(started_at, latest_at, first_entry)


def _started(burst: Burst | None) -> datetime | None:
    return None if burst is None else burst.started_at


def _latest(burst: Burst | None) -> datetime | None:
    return None if burst is None else burst.latest_at


async def _all(connection: Connection, name: str, **parameters: Any) -> list[TupleRow]:
    cursor = await connection.execute(query(name), parameters)
    return await cursor.fetchall()


async def _run(connection: Connection, name: str, **parameters: Any) -> None:
    await connection.execute(query(name), parameters)
