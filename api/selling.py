"""Selling what was bought because of one leader: a quote per position, then an order of each, by hand (UX N3).

The quotes are asked for in the deed's transaction and named by its key, and a quote has one order at most: whatever is
repeated or cut off between, nothing is sold twice. What is cut off before its order stays unsold.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from itertools import count
from typing import Any, Final

from api import following, ordering
from api.actor import UserActor
from api.checking import said
from api.database import Transaction
from api.doors import Doors
from api.problems import Refused, not_found
from schemas.enums import AllocationState, CopyState, Side
from schemas.hand_views import QuoteView
from schemas.ids import quote_name
from schemas.money import CENT, EXACT, floor_cents
from schemas.sale_views import SaleLine, SaleView, SellAsked
from schemas.views import AllocationView

_OPEN: Final = frozenset({CopyState.WAITING, CopyState.PLANNED, CopyState.SUBMITTING, CopyState.UNKNOWN})


async def begin(
    transaction: Transaction,
    doors: Doors,
    actor: UserActor,
    allocation_id: str,
    *,
    asked: SellAsked,
    key: str,
) -> SaleView:
    """Ask for a quote of each position (and end the following where that is asked). 404 for a following or position
    that is not the user's, 409 where nothing is left to sell."""
    view = await following.shown(transaction, actor.user_id, allocation_id)
    lots = await _lots(transaction, actor.user_id, allocation_id, asked)
    if not lots and not asked.end:
        raise Refused("conflict", doors.texts["refused.nothing_to_sell"])
    if asked.end and not asked.preview:
        view = await following.go(transaction, actor, allocation_id, AllocationState.ENDED)
    quotes = [await _ask(transaction, actor.user_id, lot, key) for lot in lots]
    return await _shown(transaction, actor.user_id, said(view, doors.texts), quotes, doors.texts)


async def carried_out(doors: Doors, asking: UserActor, sale: SaleView, asked: SellAsked) -> SaleView:
    """The sale once its quotes are answered and its orders have ended, or as it stands after a while."""
    sale = await _until(
        doors, asking, sale, lambda line: line.quote.refusal is None and line.quote.limit is None
    )
    if asked.preview:
        return sale
    async with doors.database.transaction(asking.scope) as transaction:
        for line in sale.lines:
            if line.order is None and line.quote.limit is not None:
                await ordering.place(transaction, asking.user_id, line.quote.quote_id, doors.texts)
    return await _until(doors, asking, sale, lambda line: line.order is None and line.quote.limit is not None)


async def _until(
    doors: Doors, asking: UserActor, sale: SaleView, unanswered: Callable[[SaleLine], bool]
) -> SaleView:
    """Look until no line waits for an answer and no order is on its way, for as long as an asker waits."""
    until = time.monotonic() + ordering.ANSWER_SECONDS
    names = [line.quote.quote_id for line in sale.lines]
    while sale.under_way or any(unanswered(line) for line in sale.lines):
        if time.monotonic() > until:
            break
        await asyncio.sleep(ordering.LOOK_SECONDS)
        async with doors.database.transaction(asking.scope) as transaction:
            sale = await _shown(transaction, asking.user_id, sale.allocation, names, doors.texts)
    return sale


async def _lots(
    transaction: Transaction, user_id: str, allocation_id: str, asked: SellAsked
) -> list[dict[str, Any]]:
    rows = await transaction.rows("lots_of_allocation", allocation_id=allocation_id, user_id=user_id)
    if asked.position_ids is not None:
        named = {int(name) for name in asked.position_ids}
        if named - {row["lot_id"] for row in rows}:
            raise not_found("open position")
        rows = [row for row in rows if row["lot_id"] in named]
    return [row | {"shares": shares} for row in rows if (shares := floor_cents(row["free_shares"])) >= CENT]


async def _ask(transaction: Transaction, user_id: str, lot: dict[str, Any], key: str) -> str:
    columns = ("account_id", "venue", "token_id", "lot_id", "allocation_id", "shares")
    row = {name: lot[name] for name in columns} | {"user_id": user_id, "side": Side.SELL, "amount_usdc": None}
    for attempt in count():
        name = quote_name(user_id, f"{key}\x1f{lot['lot_id']}", attempt)
        if await transaction.run("insert_quote", quote_id=name, **row):
            return name
    raise AssertionError("names do not run out")


async def _shown(
    transaction: Transaction,
    user_id: str,
    allocation: AllocationView,
    names: Sequence[str],
    texts: Mapping[str, str],
) -> SaleView:
    quotes = await transaction.rows("quotes_named", user_id=user_id, quote_ids=list(names))
    orders = await ordering.orders_by_hand(transaction, user_id, quote_ids=list(names))
    placed = {row["quote_id"]: ordering.order_view(row, texts) for row in orders}
    known = {row["quote_id"]: QuoteView.model_validate(row) for row in quotes}
    lines = tuple(
        SaleLine(position_id=known[name].position_id or "", quote=known[name], order=placed.get(name))
        for name in names
    )
    states = [None if line.order is None else line.order.state for line in lines]
    under_way = sum(state in _OPEN for state in states)
    sold = states.count(CopyState.FILLED)
    return SaleView(
        allocation=allocation,
        lines=lines,
        about_usdc=_about(known.values()),
        sold=sold,
        unsold=len(lines) - sold - under_way,
        under_way=under_way,
    )


def _about(quotes: Any) -> Decimal:
    """What the quotes bring at the best bids, less fees at most."""
    total = Decimal(0)
    for quote in quotes:
        if quote.best_price is not None and quote.shares is not None:
            brings = EXACT.multiply(quote.shares, quote.best_price) - (quote.fee_usdc or 0)
            total += max(brings, Decimal(0))
    return floor_cents(total)
