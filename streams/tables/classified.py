"""Ledgers, positions and trades of classify: read and locked before the fold, written after it, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from psycopg.rows import TupleRow

from schemas.enums import AddressType, Source, TradeKind
from streams.classify.burst import Burst
from streams.classify.ledger import Position
from streams.classify.reading import Refused, Watched
from streams.classify.sorting import Lost, Missing, Outcome, Sorted
from streams.classify.standing import Held, KnownTrade, Ledger, Standing
from streams.tables.asking import Connection, Question, ask

FOLDER: Final = {AddressType.COPY_LEADER: "leader", AddressType.SMART_TRADER: "smart"}
AS_IN_THE_TRADE: Final = (
    "wallet", "trade_id", "token_id", "size", "price", "usdc", "tx_hash", "order_hash", "undoes",
)  # fmt: skip


async def load_standing(connection: Connection, items: Sequence[Watched | Refused]) -> Standing:
    """Lock the ledgers of the batch's wallets, in order, and read what is stored about its messages; one round trip."""
    watched = [item for item in items if isinstance(item, Watched)]
    roles = sorted({role for item in watched for role in item.held.since})
    found = await ask(connection, _questions(items, watched, roles))
    standing = Standing()
    for wallet, role, last_number, since_version, unsure in found["classify/lock_ledgers"]:
        standing.ledgers[wallet, AddressType(role)] = Ledger(last_number, since_version, unsure)
    standing.lacking.update(wallet for (wallet,) in found["classify/lacking"])
    standing.add(map(_known, found.get("classify/known_trades", ())))
    standing.add(map(_known, found.get("classify/undone_trades", ())))
    for role in roles:
        for row in found[f"classify/{FOLDER[role]}_positions"]:
            standing.positions[role, row[0], row[1]] = Held(_position(row), row[11])
    return standing


def _questions(
    items: Sequence[Watched | Refused], watched: Sequence[Watched], roles: Sequence[AddressType]
) -> list[Question]:
    trades = [item.trade for item in watched]
    wallets = {trade.wallet for trade in trades} | {
        item.wallet for item in items if isinstance(item, Refused) and item.wallet is not None
    }
    asked_wallets = {"wallets": sorted(wallets)}
    questions: list[Question] = [
        ("classify/lock_ledgers", asked_wallets),
        ("classify/lacking", asked_wallets),
    ]
    if not trades:
        return questions
    asked = {
        "wallets": [trade.wallet for trade in trades],
        "trade_ids": [trade.trade_id for trade in trades],
        "tx_hashes": [trade.tx_hash for trade in trades],
    }
    questions.append(("classify/known_trades", asked))
    undoing = [trade for trade in trades if trade.undoes is not None]
    if undoing:
        undoes = {"wallets": [t.wallet for t in undoing], "undoes": [t.undoes for t in undoing]}
        questions.append(("classify/undone_trades", undoes))
    tokens = sorted({(trade.wallet, trade.token_id) for trade in trades})
    named = {"wallets": [wallet for wallet, _ in tokens], "token_ids": [token_id for _, token_id in tokens]}
    questions += [(f"classify/{FOLDER[role]}_positions", named) for role in roles]
    return questions


async def store_outcome(connection: Connection, outcome: Outcome, standing: Standing) -> None:
    """Write what the fold changed and commit it, in one round trip."""
    changes: list[Question] = []
    for role in FOLDER:
        begun = sorted(wallet for wallet, of in outcome.begun if of is role)
        if begun:
            changes.append((f"classify/begin_{FOLDER[role]}_positions_anew", {"wallets": begun}))
    if outcome.new:
        changes.append(("classify/store_trades", _columns(outcome.new)))
        for role in FOLDER:
            changes += _keep_positions(role, outcome, standing)
        changes += _keep_ledgers("classify/open_ledgers", outcome.opened, standing)
        changes += _keep_ledgers("classify/keep_ledgers", outcome.counted - outcome.opened, standing)
    changes += _keep_missing(outcome.missing)
    changes += _tell_holders(outcome.lost)
    await ask(connection, changes, commit=True)


async def note_lost(connection: Connection, missing: Sequence[Missing], lost: Sequence[Lost]) -> None:
    """Messages of wallets are lost until they are redriven or put away: positions cannot be relied on, and who holds
    a token that one of them names is told (SAFETY R18)."""
    await ask(connection, [*_keep_missing(missing), *_tell_holders(lost)])


async def note_role_reads(connection: Connection, reads: Sequence[tuple[str, int]]) -> None:
    """From now on the wallets' trades are sorted by these versions of their roles (SAFETY R16)."""
    named = {"wallets": [wallet for wallet, _ in reads], "versions": [version for _, version in reads]}
    await ask(connection, [("classify/note_role_reads", named)])


def _keep_missing(missing: Sequence[Missing]) -> list[Question]:
    columns = {
        "wallets": [one.wallet for one in missing],
        "topics": [one.topic for one in missing],
        "partitions": [one.partition for one in missing],
        "offsets": [one.offset for one in missing],
    }
    return [("classify/keep_missing", columns)] if missing else []


def _tell_holders(lost: Sequence[Lost]) -> list[Question]:
    named = {
        "wallets": [one.wallet for one in lost],
        "token_ids": [one.token_id for one in lost],
        "places": [one.place for one in lost],
        "reasons": [one.reason for one in lost],
    }
    return [("classify/tell_holders", named)] if lost else []


def _columns(new: Sequence[Sorted]) -> dict[str, list[Any]]:
    columns: dict[str, list[Any]] = {
        name: [getattr(item.trade, name) for item in new] for name in AS_IN_THE_TRADE
    }
    columns |= {
        name: [getattr(item.trade, name).value for item in new] for name in ("kind", "source", "side")
    }
    columns |= {
        name: [getattr(item, name) for item in new] for name in ("traded_at", "appended_at", "content")
    }
    columns["classified_at"] = [next(iter(item.said.values())).classified_at for item in new]
    for role, name in FOLDER.items():
        said = [item.said.get(role) for item in new]
        columns[f"{name}_number"] = [None if message is None else message.number for message in said]
        raw = [item.messages.get(role) for item in new]
        columns[f"{name}_message"] = [None if message is None else message.decode() for message in raw]
    return columns


def _keep_positions(role: AddressType, outcome: Outcome, standing: Standing) -> list[Question]:
    keys = sorted(key for key in outcome.moved if key[0] is role)
    if not keys:
        return []
    held = [standing.positions[key] for key in keys]
    positions = [each.position for each in held]
    buys, sells = [each.buys for each in positions], [each.sells for each in positions]
    columns = {
        "wallets": [wallet for _, wallet, _ in keys],
        "token_ids": [token_id for _, _, token_id in keys],
        "shares": [each.shares for each in positions],
        "gaps": [each.gap for each in positions],
        "unsure": [each.unsure for each in positions],
        "traded": [each.traded for each in positions],
        "buys_started": [_started(burst) for burst in buys],
        "buys_latest": [_latest(burst) for burst in buys],
        "buys_first": [burst is not None and burst.first_entry for burst in buys],
        "sells_started": [_started(burst) for burst in sells],
        "sells_latest": [_latest(burst) for burst in sells],
        "numbers": [each.number for each in held],
    }
    return [(f"classify/keep_{FOLDER[role]}_positions", columns)]


def _keep_ledgers(statement: str, keys: set[tuple[str, AddressType]], standing: Standing) -> list[Question]:
    if not keys:
        return []
    ordered = sorted(keys)
    ledgers = [standing.ledgers[key] for key in ordered]
    columns = {
        "wallets": [wallet for wallet, _ in ordered],
        "roles": [role.value for _, role in ordered],
        "numbers": [ledger.last_number for ledger in ledgers],
        "since": [ledger.since_version for ledger in ledgers],
        "unsure": [ledger.unsure for ledger in ledgers],
    }
    return [(statement, columns)]


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
