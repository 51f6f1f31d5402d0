"""What the queries of the product read and write, said over the rows of the simulated database.

The statements themselves are SQL and are not simulated (the campaign runs them); what is asked of them is said here in
few words, and every value that is worked out from rows is worked out by the product's own functions.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final, TypeVar

from ops.simulation.builds import Build
from ops.simulation.owners import OWNERS, on_sale
from ops.simulation.tables import Row, Transaction
from schemas.allocations import AllocationSettings
from schemas.enums import OPEN_COPY_STATES, AllocationState, CopyState, Side, Venue
from schemas.trades import LeaderTraded
from streams.classify.standing import Held, Ledger, Standing
from streams.copy_execution.answers import Answer
from streams.copy_execution.books import Books, Carried, Lot, OpenBuys
from streams.copy_execution.flood import Counting, Flood, happened_at, is_counted
from streams.copy_execution.following import Following, Surroundings
from streams.copy_execution.inputs import Account, Allocation, Market, Switches
from streams.copy_execution.rows import deadline_of, market_id_of, taken_up

ZERO: Final = Decimal(0)
HELD_BACK: Final = OPEN_COPY_STATES - {CopyState.WAITING}
OVERDUE: Final = timedelta(seconds=10)
T = TypeVar("T")
_SAME_EVERYWHERE: Final[Row] = {
    "venue": Venue.PAPER,
    "neg_risk": False,
    "exchange_version": 2,
    "market_version": 1,
}
_SETTINGS: dict[str, AllocationSettings] = {}


def settings_of(text: str) -> AllocationSettings:
    """Settings as they are stored, read once."""
    if text not in _SETTINGS:
        _SETTINGS[text] = AllocationSettings.model_validate_json(text)
    return _SETTINGS[text]


def made(kind: type[T], columns: Row) -> T:
    """A row as the product reads it; what no run changes is the same in all of them."""
    known = _SAME_EVERYWHERE | columns
    return kind(**{each.name: known[each.name] for each in fields(kind) if each.init})  # type: ignore[arg-type]


def standing(transaction: Transaction) -> Standing:
    """What is stored about watched wallets."""
    found = Standing()
    found.add(row["known"] for row in transaction.rows("trades"))
    for row in transaction.rows("wallet_ledgers"):
        ledger: Ledger = row["ledger"]
        found.ledgers[row["wallet"], row["role"]] = Ledger(
            ledger.last_number, ledger.since_version, ledger.unsure
        )
    for row in transaction.rows("positions"):
        found.positions[row["role"], row["wallet"], row["token_id"]] = Held(row["position"], row["number"])
    return found


def followings(
    transaction: Transaction, allocations: Sequence[Row], build: Build, now: datetime
) -> list[Following]:
    """The followings of locked allocations, with books and accounts."""
    orders = list(transaction.rows("copy_orders"))
    lots = [row for row in transaction.rows("lots") if row["closed_by"] is None]
    selling = on_sale(transaction, sold_by(build))
    posted = {row["copy_order_id"]: row["posted_at"] for row in transaction.rows("orders")}
    accounts: dict[str, Account] = {}
    found: list[Following] = []
    for row in allocations:
        name = row["account_id"]
        if name not in accounts:
            accounts[name] = _account(transaction, name, orders, lots)
        own = [order for order in orders if order["allocation_id"] == row["allocation_id"]]
        held = [lot for lot in lots if lot["allocation_id"] == row["allocation_id"]]
        following = _following(row, accounts[name])
        _fill_books(following, own, held, _Around(selling, posted, now))
        _fill_sums(following, transaction)
        found.append(following)
    return found


def _account(transaction: Transaction, name: str, orders: Iterable[Row], lots: Iterable[Row]) -> Account:
    row = transaction.get("accounts", name)
    assert row is not None
    held = (o["reserve_usdc"] or ZERO for o in orders if o["account_id"] == name and o["state"] in HELD_BACK)
    by_hand = reserved_by_hand(transaction, name)
    cost = (lot["cost_usdc"] for lot in lots if lot["account_id"] == name)
    return Account(row["wallet"], row["cash_usdc"], sum(held, by_hand), sum(cost, ZERO))


def reserved_by_hand(transaction: Transaction, account_id: str) -> Decimal:
    """What open orders by hand of an account may cost."""
    orders = transaction.rows("manual_orders")
    own = (row for row in orders if row["account_id"] == account_id and row["state"] in HELD_BACK)
    return sum((row["reserve_usdc"] or ZERO for row in own), ZERO)


def sold_by(build: Build) -> tuple[str, ...]:
    """Whose open sales are counted: a broken build forgets some."""
    if not build.shares_on_sale_are_counted:
        return ()
    return OWNERS if build.sales_by_hand_are_counted else OWNERS[:2]


@dataclass(frozen=True, slots=True)
class _Around:
    """What the books of all followings read: shares on sale by pair, when copy orders were first posted, now."""

    selling: Mapping[tuple[str, str], Decimal]
    posted: Mapping[str, datetime | None]
    now: datetime


def _following(row: Row, account: Account) -> Following:
    allocation = Allocation(
        row["allocation_id"],
        account.wallet,
        row["leader"],
        row["active_from"],
        settings_of(row["settings"]),
        AllocationState(row["state"]),
        row["buys_from"],
    )
    return Following(
        allocation, account, Books(), 1, 1, row["user_id"], row["account_id"], account.wallet, Venue.PAPER
    )


def _fill_books(following: Following, orders: Sequence[Row], lots: Sequence[Row], around: _Around) -> None:
    books = following.books
    for order in orders:
        token, state = order["token_id"], order["state"]
        if order["side"] is Side.BUY and order["reserve_usdc"] is not None:
            _add_buy(books, order, around)
        if state is CopyState.WAITING:
            books.waiting_tokens.add(token)
        if order["taken_up"]:
            if order["leader_order_hash"] is not None:
                books.taken_orders.add(order["leader_order_hash"])
            books.taken_bursts.add((token, order["burst_started_at"]))
    for lot in lots:
        market = Market(lot["market_id"], lot["tick"], lot["fee_rate"])
        books.lots[lot["token_id"]] = Lot(
            lot["market_id"],
            lot["shares"],
            lot["cost_usdc"],
            lot["target_shares"],
            lot["adds"],
            around.selling.get((following.allocation.allocation_id, lot["token_id"]), ZERO),
            lot["opened_traded_at"],
            lot["applied_number"],
            market,
        )
        books.put_to_work(lot["market_id"], lot["cost_usdc"])


def _fill_sums(following: Following, transaction: Transaction) -> None:
    books, allocation_id = following.books, following.allocation.allocation_id
    for row in transaction.rows("carried"):
        if row["allocation_id"] == allocation_id and row["usdc"] is not None:
            books.carried[row["token_id"]] = Carried(row["usdc"], row["since"])
    books.realised_usdc = sum(
        (lot["realised_usdc"] for lot in transaction.rows("lots") if lot["allocation_id"] == allocation_id),
        ZERO,
    )


def is_overdue(posted_at: datetime | None, now: datetime) -> bool:
    """Whether a BUY holds no SELL back any more: not proven 10 s after its POST (SAFETY R6)."""
    return posted_at is not None and posted_at < now - OVERDUE


def _add_buy(books: Books, order: Row, around: _Around) -> None:
    token, reserve = order["token_id"], order["reserve_usdc"]
    if order["state"] in HELD_BACK:
        former = books.open_buys.get(token, OpenBuys(0, ZERO))
        sent = order["state"] is not CopyState.PLANNED
        overdue = sent and is_overdue(around.posted.get(order["copy_order_id"]), around.now)
        books.open_buys[token] = OpenBuys(
            former.count + 1, former.reserved_usdc + reserve, former.overdue + overdue
        )
        books.reserve(order["market_id"], reserve)
    if order["taken_up"] and order["decided_at"].date() == around.now.date():
        ended = order["state"] not in OPEN_COPY_STATES
        books.day_spent_usdc += order["filled_usdc"] + order["fee_usdc"] if ended else reserve


def surroundings(transaction: Transaction, now: datetime) -> Surroundings:
    """What all decisions of one transaction share."""
    markets = {row["token_id"]: row["market"] for row in transaction.rows("markets")}
    switch = transaction.get("switches", "buys")
    switches = Switches(switch["stopped"], switch["since"]) if switch is not None else Switches()
    return Surroundings(now, markets, switches, {}, frozenset(), frozenset({"chain"}))


def floods(
    transaction: Transaction, fresh: Sequence[LeaderTraded], most: int
) -> dict[tuple[str, int], Flood]:
    """Which of the messages, in order, are BUYs over the limit of a minute (SAFETY R27)."""
    before: defaultdict[str, list[datetime]] = defaultdict(list)
    for row in transaction.rows("leader_decisions"):
        if row["counted"]:
            before[row["wallet"]].append(row["at"])
    counting = Counting(most, {wallet: sorted(times) for wallet, times in before.items()})
    taken = [
        ((message.wallet, message.number), counting.take(message.wallet, happened_at(message)))
        for message in fresh
        if is_counted(message)
    ]
    return {place: flood for place, flood in taken if flood is not None}


def copy_order_of(answer: Answer, seen: Any) -> Row:
    """The row of a decision; ``seen`` are the trade's circumstances."""
    decision, following, message = answer.decision, answer.following, answer.message
    return {
        "copy_order_id": answer.name,
        "trade_id": message.trade_id,
        "allocation_id": following.allocation.allocation_id,
        "account_id": following.account_id,
        "user_id": following.user_id,
        "leader": message.wallet,
        "number": message.number,
        "message": message,
        "side": decision.side,
        "token_id": message.token_id,
        "leader_order_hash": message.order_hash,
        "burst_started_at": message.burst_started_at,
        "traded_at": message.traded_at,
        **decided_columns(answer, seen),
        "attempts": 0,
        "next_attempt_at": None,
        "filled_shares": ZERO,
        "filled_usdc": ZERO,
        "fee_usdc": ZERO,
        "realised_usdc": ZERO,
        "late_fill": False,
        "reversed": False,
    }


def decided_columns(answer: Answer, seen: Any) -> Row:
    """What a decision puts into its row, the first time or after waiting."""
    decision, following = answer.decision, answer.following
    return {
        "state": decision.state,
        "reason": decision.reason,
        "market_id": market_id_of(seen, following),
        "amount_usdc": decision.amount_usdc,
        "shares": decision.shares,
        "limit_price": decision.limit_price,
        "reserve_usdc": decision.reserve_usdc,
        "taken_up": taken_up(decision),
        "lowers": decision.target_shares is not None,
        "deadline": deadline_of(decision, seen, following.allocation),
        "decided_at": answer.now,
    }


def write_books(transaction: Transaction, all_of_them: Iterable[Following], build: Build) -> None:
    """Lowered targets and carried sums, as the decisions left them."""
    for following in all_of_them:
        allocation_id = following.allocation.allocation_id
        for row in list(transaction.rows("lots")):
            lot = following.books.lots.get(row["token_id"])
            if row["allocation_id"] != allocation_id or row["closed_by"] is not None or lot is None:
                continue
            target = lot.target_shares if build.target_is_lowered else row["target_shares"]
            if (target, lot.applied_number) != (row["target_shares"], row["applied_number"]):
                transaction.change(
                    "lots", row["lot_id"], target_shares=target, applied_number=lot.applied_number
                )
        for token_id in _carried_tokens(transaction, following):
            kept = following.books.carried.get(token_id)
            row = {"allocation_id": allocation_id, "token_id": token_id}
            row |= {"usdc": kept.usdc if kept else None, "since": kept.since if kept else None}
            transaction.put("carried", (allocation_id, token_id), row)


def _carried_tokens(transaction: Transaction, following: Following) -> set[str]:
    name = following.allocation.allocation_id
    before = {row["token_id"] for row in transaction.rows("carried") if row["allocation_id"] == name}
    return before | set(following.books.carried)
