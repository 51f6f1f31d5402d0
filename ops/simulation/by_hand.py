"""Orders by hand: asked for at a price that was shown, decided under the account's lock by the product's own rules."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from ops.simulation import ground
from ops.simulation.bookkeeping import lock_whose
from ops.simulation.owners import hand_order, on_sale, pair_of
from ops.simulation.scenario import TOKENS, Happening
from ops.simulation.steps import Steps
from ops.simulation.tables import ConnectionLost, Row, Transaction
from schemas.enums import CopyState, Side, Venue
from schemas.ids import short_name
from schemas.money import floor_cents
from streams.tables.hands import HandCase, QuoteAsked
from streams.trading.by_hand import Quoted, decide, quote
from streams.trading.hand_orders import QUOTE_SECONDS
from streams.venues.venue import BookSeen, Level

if TYPE_CHECKING:
    from ops.simulation.worker import Worker
    from ops.simulation.world import World

RETRY_SECONDS: Final = 0.5
MIN_BUY: Final = Decimal(1)
_PLENTY: Final = Decimal(10_000)
_EVERYTHING_ALLOWED: Final[Mapping[str, Any]] = {
    "account_state": "ready",
    "armed": False,
    "day_cap_usdc": None,
    "spent_today_usdc": ground.ZERO,
    "account_stopped": False,
    "market_known": True,
    "closed": False,
    "min_buy_usdc": MIN_BUY,
    "live_stopped": False,
}


def ask_to_buy(world: World, happening: Happening) -> Steps[None]:
    """Somebody wants so much for so many USDC."""
    asked = {"side": Side.BUY, "token_id": TOKENS[0], "amount_usdc": Decimal(happening.value.decode())}
    asked |= {"shares": None, "allocation_id": None, "lot_id": None}
    yield from _ask(world, happening, asked)


def ask_to_sell(world: World, happening: Happening) -> Steps[None]:
    """Somebody wants to sell a part of the first thing he holds, copied or bought by hand."""
    lots = world.database.rows("lots")
    lot = next((lot for lot in lots if lot["account_id"] == happening.key and lot["closed_by"] is None), None)
    shares = (
        floor_cents(lot["shares"] * Decimal(happening.value.decode())) if lot is not None else ground.ZERO
    )
    if lot is not None and shares > 0:
        asked: Row = {"side": Side.SELL, "token_id": lot["token_id"], "amount_usdc": None, "shares": shares}
        yield from _ask(world, happening, asked | {name: lot[name] for name in ("allocation_id", "lot_id")})


def _ask(world: World, happening: Happening, asked: Row) -> Steps[None]:
    """As the API does it: an order at the price that was shown, once for a quote."""
    name = short_name("H", happening.key, str(happening.at))
    shown = quote(_quote_asked(world, name, asked), _book(world, asked["token_id"]))
    transaction = world.database.begin(None)
    account = transaction.get("accounts", happening.key)
    if not isinstance(shown, Quoted) or account is None or transaction.get("manual_orders", name) is not None:
        transaction.roll_back()
        return
    asked |= {"account_id": happening.key, "user_id": happening.key, "limit_price": shown.limit_price}
    asked |= {"deadline": world.now + timedelta(seconds=QUOTE_SECONDS)}
    yield from transaction.insert("manual_orders", (name,), hand_order(name, asked, world.now))
    transaction.commit()


def _quote_asked(world: World, name: str, asked: Row) -> QuoteAsked:
    market = world.database.tables["markets"][asked["token_id"],]["market"]
    return QuoteAsked(
        name,
        Venue.PAPER,
        asked["side"],
        asked["token_id"],
        asked["amount_usdc"],
        asked["shares"],
        market.tick,
        market.fee_rate,
        MIN_BUY,
        False,
        1,
    )


def _book(world: World, token_id: str) -> BookSeen:
    bid = world.best_bid(token_id)
    bids = (Level(bid, _PLENTY),) if bid is not None else ()
    return BookSeen(bids, (Level(Decimal("0.5"), _PLENTY),))


def deciding_by_hand(worker: Worker) -> Steps[None]:
    """Each order that was asked for is decided, once."""
    world, looked = worker.world, -1

    def waiting() -> list[Row]:
        nonlocal looked
        if looked == world.database.version:
            return []
        found = [row for row in world.database.rows("manual_orders") if row["state"] is CopyState.WAITING]
        if not found:
            looked = world.database.version
        return found

    while True:
        yield lambda: bool(waiting())
        for row in waiting():
            try:
                yield from _decide(worker, row)
            except ConnectionLost:
                yield RETRY_SECONDS


def _decide(worker: Worker, row: Row) -> Steps[None]:
    world, name = worker.world, row["copy_order_id"]
    transaction = worker.begin()
    yield from lock_whose(transaction, [row])
    if transaction.get("manual_orders", name) != row:
        transaction.roll_back()
        return
    decision = decide(_case(world, transaction, row))
    reserve = decision.reserve_usdc if world.build.orders_by_hand_hold_a_reserve else None
    changes: Row = {"state": decision.state, "reason": decision.reason, "reserve_usdc": reserve}
    transaction.change("manual_orders", name, **changes, decided_at=world.now)
    yield "by hand: decided"
    transaction.commit()
    yield "by hand: committed"


def _case(world: World, transaction: Transaction, row: Row) -> HandCase:
    account = transaction.get("accounts", row["account_id"])
    switch = transaction.get("switches", "buys")
    market = transaction.get("markets", row["token_id"])
    lot = transaction.get("lots", row["lot_id"]) if row["lot_id"] is not None else None
    assert account is not None
    assert market is not None
    orders = transaction.rows("copy_orders")
    held = (o["reserve_usdc"] or ground.ZERO for o in orders if _holds(o, row["account_id"]))
    columns = row | {
        "manual_order_id": row["copy_order_id"],
        "now": world.now,
        "cash_usdc": account["cash_usdc"],
        "reserved_usdc": sum(held, ground.reserved_by_hand(transaction, row["account_id"])),
        "fee_rate": market["market"].fee_rate,
        "lot_shares": lot["shares"] if lot is not None else ground.ZERO,
        "on_sale": on_sale(transaction, ground.sold_by(world.build)).get(pair_of(row), ground.ZERO),
        "buys_stopped": switch is not None and switch["stopped"],
    }
    return ground.made(HandCase, {**_EVERYTHING_ALLOWED, **columns})


def _holds(order: Row, account_id: str) -> bool:
    return bool(order["account_id"] == account_id and order["state"] in ground.HELD_BACK)
