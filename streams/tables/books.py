"""Reading the books that decisions are taken on, set by set for all followers at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

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
    followings: dict[str, Following] = {}
    by_leader: dict[str, list[Following]] = defaultdict(list)
    for row in allocations:
        following = _following(row, settings[row.allocation_id], accounts[row.account_id], shared)
        followings[row.allocation_id] = following
        by_leader[row.leader].append(following)
    _add_money(rows, accounts, followings)
    _add_books(rows, followings)
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
    spent = _sums(rows, "decision/spent_today_by_accounts")
    accounts = {}
    for name, venue, wallet, state, cash, day_cap in rows["decision/lock_accounts"]:
        capped = venue == Venue.POLYMARKET and day_cap is not None
        accounts[name] = Account(
            wallet or "",
            # An account that is not open yet, or no longer, has nothing to spend.
            cash if state == "ready" else ZERO,
            live_day_room_usdc=day_cap - spent.get(name, ZERO) if capped else None,
        )
    return accounts


def _add_money(rows: Answers, accounts: Mapping[str, Account], followings: Mapping[str, Following]) -> None:
    """What each following has at work; those of the account's other leaders count for the account alone."""
    for account_id, name, market_id, reserved, cost, realised in rows["decision/money_of_accounts"]:
        account, following = accounts[account_id], followings.get(name)
        if reserved is None:
            account.lots_cost_usdc += cost
            if following is not None:
                following.books.at_work_usdc += cost
                following.books.realised_usdc = realised
        else:
            account.reserved_usdc += reserved
            if following is not None:
                following.books.reserve(market_id, reserved)


def _add_books(rows: Answers, followings: Mapping[str, Following]) -> None:
    for name, spent in rows.get("decision/spent_today_by_allocations", ()):
        followings[name].books.day_spent_usdc = spent
    for name, market_id, cost in rows.get("decision/lots_cost_of_markets", ()):
        held = followings[name].books.market_at_work
        held[market_id] = held.get(market_id, ZERO) + cost
    for row in rows.get("decision/books_of_tokens", ()):
        _add_token(followings[row[0]], *row[1:])
    for name, order_hash in rows.get("decision/taken_up_orders", ()):
        followings[name].books.taken_orders.add(order_hash)
    for name, token_id, burst_started_at in rows.get("decision/taken_up_bursts", ()):
        followings[name].books.taken_bursts.add((token_id, burst_started_at))


def _add_token(following: Following, token_id: str, *columns: Any) -> None:
    count, reserved, overdue, selling, waiting, carried, since, lot_id, *lot = columns
    books = following.books
    if count:
        books.open_buys[token_id] = OpenBuys(count, reserved, overdue)
    if waiting:
        books.waiting_tokens.add(token_id)
    if carried is not None:
        books.carried[token_id] = Carried(carried, since)
    if lot_id is not None:
        market_id, shares, cost, target, adds, opened, number, tick, fee_rate = lot
        market = Market(market_id, tick, fee_rate)
        following.lot_ids[token_id] = lot_id
        books.lots[token_id] = Lot(market_id, shares, cost, target, adds, selling, opened, number, market)


def _following(
    row: AllocationRow, settings: AllocationSettings, account: Account, shared: Shared
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
        books=Books(),
        version=row.version,
        role_version=row.role_version,
        user_id=row.user_id,
        account_id=row.account_id,
        wallet=account.wallet or None,
        venue=Venue(row.venue),
    )


def _sums(rows: Answers, name: str) -> dict[str, Decimal]:
    return dict(rows.get(name, ()))
