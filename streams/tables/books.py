"""Reading the books that decisions are taken on, set by set for all followers at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from schemas.allocations import AllocationSettings
from schemas.enums import AllocationState, Venue
from schemas.money import ZERO
from schemas.trades import LeaderTraded
from streams.copy_execution.batch import AllocationRow
from streams.copy_execution.books import Books, Carried, Lot, OpenBuys
from streams.copy_execution.following import Following, Surroundings, active_from
from streams.copy_execution.inputs import Account, Allocation, LeaderValue, Market
from streams.tables.asking import Connection, Rows, ask
from streams.tables.ground import Shared
from streams.tables.questions import questions_about
from streams.tables.settings import SettingsKept

Answers = Mapping[str, Rows]
_OPEN: Final = "decision/open_orders_of_tokens"
_TOTALS: Final = "decision/lot_totals_of_accounts"
_RESERVES: Final = "decision/open_reserves_of_accounts"


@dataclass(frozen=True, slots=True)
class Loaded:
    """The followings of a batch, by leader and in order of allocation, and the highest values of their leaders."""

    by_leader: dict[str, list[Following]]
    leader_values: dict[str, LeaderValue]

    def all(self) -> list[Following]:
        """Every following."""
        return [following for several in self.by_leader.values() for following in several]


async def load_followings(
    connection: Connection,
    allocations: Sequence[AllocationRow],
    messages: Sequence[LeaderTraded],
    shared: Shared,
    kept: SettingsKept,
) -> Loaded:
    """Lock the accounts of these allocations (rows as locked, in order of id) and read their books: one round trip,
    and one more for settings not seen before."""
    if not allocations:
        return Loaded({}, {})
    settings = await kept.of(connection, {row.allocation_id: row.version for row in allocations})
    rows = await ask(connection, questions_about(allocations, messages, settings, shared))
    accounts = _accounts(rows)
    books = _books(rows, allocations)
    followings: dict[str, Following] = {}
    by_leader: dict[str, list[Following]] = defaultdict(list)
    for row in allocations:
        name = row.allocation_id
        following = _following(row, settings[name], accounts[row.account_id], books[name], shared)
        followings[name] = following
        by_leader[row.leader].append(following)
    _add_lots(rows, followings)
    values = rows.get("decision/highest_leader_values", ())
    return Loaded(dict(by_leader), {wallet: LeaderValue(usdc, taken_at) for wallet, usdc, taken_at in values})


def surroundings(shared: Shared, loaded: Loaded, live_sources: frozenset[str]) -> Surroundings:
    """What all decisions of the transaction share, in the form they take it."""
    return Surroundings(
        shared.now,
        shared.markets,
        shared.switches,
        loaded.leader_values,
        shared.copies_of_ours,
        live_sources,
    )


def _accounts(rows: Answers) -> dict[str, Account]:
    reserves: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for name, _, _, reserved in rows[_RESERVES]:
        reserves[name] += reserved
    costs: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for name, _, cost, _ in rows[_TOTALS]:
        costs[name] += cost
    spent = _sums(rows, "decision/spent_today_by_accounts")
    accounts = {}
    for name, venue, wallet, state, cash, day_cap in rows["decision/lock_accounts"]:
        capped = venue == Venue.POLYMARKET and day_cap is not None
        accounts[name] = Account(
            wallet or "",
            # An account that is not open yet, or no longer, has nothing to spend.
            cash if state == "ready" else ZERO,
            reserves[name],
            costs[name],
            day_cap - spent.get(name, ZERO) if capped else None,
        )
    return accounts


def _books(rows: Answers, allocations: Sequence[AllocationRow]) -> dict[str, Books]:
    totals = {name: (cost, realised) for _, name, cost, realised in rows[_TOTALS]}
    spent = _sums(rows, "decision/spent_today_by_allocations")
    books = {
        row.allocation_id: Books(
            *totals.get(row.allocation_id, (ZERO, ZERO)), spent.get(row.allocation_id, ZERO)
        )
        for row in allocations
    }
    for name, market_id, cost in rows.get("decision/lots_cost_of_markets", ()):
        books[name].market_at_work[market_id] = cost
    _add_open_orders(rows, books)
    for name, token_id, usdc, since in rows.get("decision/carried_of_tokens", ()):
        books[name].carried[token_id] = Carried(usdc, since)
    for name, order_hash in rows.get("decision/taken_up_orders", ()):
        books[name].taken_orders.add(order_hash)
    for name, token_id, burst_started_at in rows.get("decision/taken_up_bursts", ()):
        books[name].taken_bursts.add((token_id, burst_started_at))
    return books


def _add_open_orders(rows: Answers, books: Mapping[str, Books]) -> None:
    for _, name, market_id, reserved in rows[_RESERVES]:
        # Reserves of the account's other leaders count for the account alone.
        if name in books:
            books[name].put_to_work(market_id, reserved)
    for name, token_id, count, reserved, _, waiting in rows.get(_OPEN, ()):
        if count:
            books[name].open_buys[token_id] = OpenBuys(count, reserved)
        if waiting:
            books[name].waiting_tokens.add(token_id)


def _following(
    row: AllocationRow, settings: AllocationSettings, account: Account, books: Books, shared: Shared
) -> Following:
    allocation = Allocation(
        row.allocation_id,
        account.wallet,
        row.leader,
        active_from(row.active_from, row.role_version, shared.role_reads.get(row.leader, ())),
        settings,
        AllocationState(row.state),
        row.buys_from,
        row.venue == Venue.POLYMARKET,
    )
    return Following(
        allocation=allocation,
        account=account,
        books=books,
        version=row.version,
        role_version=row.role_version,
        user_id=row.user_id,
        account_id=row.account_id,
        wallet=account.wallet or None,
        venue=Venue(row.venue),
    )


def _add_lots(rows: Answers, followings: Mapping[str, Following]) -> None:
    selling: dict[tuple[str, str], Decimal] = defaultdict(lambda: ZERO)
    for name, token_id, _, _, shares, _ in rows.get(_OPEN, ()):
        selling[name, token_id] = shares
    for row in rows.get("decision/lots_of_tokens", ()):
        name, token_id, lot_id, market_id, shares, cost, target, adds, opened, number, tick, fee_rate = row
        followings[name].lot_ids[token_id] = lot_id
        followings[name].books.lots[token_id] = Lot(
            market_id,
            shares,
            cost,
            target,
            adds,
            selling[name, token_id],
            opened,
            number,
            Market(market_id, tick, fee_rate),
        )


def _sums(rows: Answers, name: str) -> dict[str, Decimal]:
    return dict(rows.get(name, ()))
