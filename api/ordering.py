"""Orders by hand: a quote first, then its order, once; trading answers and carries out, this asks and waits."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any, Final

from api.actor import UserActor
from api.database import Transaction
from api.doors import Doors
from api.languages import spoken
from api.problems import Refused, invalid, not_found
from schemas.base import rfc3339
from schemas.enums import CopyState, Reason, Side, Venue
from schemas.hand_causes import NotDone, not_done_said
from schemas.hand_views import OrderView, QuoteView
from schemas.ids import manual_order_name, quote_name
from schemas.money import CENT, floor_cents
from schemas.requests import NewQuote

# trading looks every 0.1 s; an answer needs a look at the book, an order the exchange's answer.
LOOK_SECONDS: Final = 0.05
ANSWER_SECONDS: Final = 3.0
_ANY: Final = dict.fromkeys(("order_id", "quote_ids", "states", "venue", "token_id", "at", "id", "rows"))


async def ask_quote(transaction: Transaction, user_id: str, asked: NewQuote, key: str) -> QuoteView:
    """Ask for a price. 404 for a position of somebody else, 409 while live is not set up."""
    row = await (_of_token if asked.side is Side.BUY else _of_position)(transaction, user_id, asked)
    row |= {"user_id": user_id, "side": asked.side}
    for attempt in count():
        name = quote_name(user_id, key, attempt)
        if await transaction.run("insert_quote", quote_id=name, **row):
            return await quote(transaction, user_id, name)
    raise AssertionError("names do not run out")


async def quote(transaction: Transaction, user_id: str, quote_id: str) -> QuoteView:
    """The quote as it stands. 404 when it is none of the user's."""
    view = await transaction.view(QuoteView, "quote", quote_id=quote_id, user_id=user_id)
    if view is None:
        raise not_found("quote")
    return view


async def order(transaction: Transaction, user_id: str, order_id: str, texts: Mapping[str, str]) -> OrderView:
    """The order by hand as it stands. 404 when it is none of the user's."""
    rows = await orders_by_hand(transaction, user_id, order_id=order_id)
    if not rows:
        raise not_found("order")
    return order_view(rows[0], texts)


async def orders_by_hand(
    transaction: Transaction, user_id: str, **asked: object
) -> Sequence[Mapping[str, Any]]:
    """The user's orders by hand, newest first: by ``order_id``, ``quote_ids``, ``states``, ``venue``, ``token_id``, and
    a list's page by ``at``, ``id`` and ``rows``; what is not asked for does not count."""
    return await transaction.rows("manual_orders", user_id=user_id, **{**_ANY, **asked})


def order_view(row: Mapping[str, Any], texts: Mapping[str, str]) -> OrderView:
    """A row as a view; where nothing was sent it says why in the language of ``texts``."""
    shown = dict(row)
    everybody = bool(shown.pop("everybody"))
    if row["state"] in (CopyState.SKIPPED, CopyState.EXPIRED):
        end = NotDone(
            Side(row["side"]), Reason(row["reason"]), row["decided_value"], row["decided_limit"], everybody
        )
        shown["sentence"] = not_done_said(texts, end)
    return OrderView.model_validate(shown)


async def place(transaction: Transaction, user_id: str, quote_id: str, texts: Mapping[str, str]) -> OrderView:
    """The order of a quote, to be decided by trading. 409 where buying is stopped, live is not armed or the quote is
    used, 410 where it is too old."""
    found = await transaction.row("quote_to_use", quote_id=quote_id, user_id=user_id)
    if found is None:
        raise not_found("quote")
    if found["used_by"] is not None:
        raise Refused("conflict", spoken("refused.quote_used_for", order=found["used_by"]))
    if found["limit_price"] is None:
        raise Refused("conflict", spoken("refused.quote_without_price"))
    if found["expired"]:
        raise Refused("quote-expired", spoken("refused.quote_expired"))
    if found["side"] == Side.BUY:
        await _check_buying(transaction, found, texts)
    used = {name: found[name] for name in _OF_QUOTE}
    for attempt in count():
        name = manual_order_name(quote_id, attempt)
        if await transaction.run("insert_manual_order", manual_order_id=name, user_id=user_id, **used):
            return await order(transaction, user_id, name, texts)
        if (await transaction.row("quote_to_use", quote_id=quote_id, user_id=user_id) or {})["used_by"]:
            raise Refused("conflict", spoken("refused.quote_used"))
    raise AssertionError("names do not run out")


_OF_QUOTE: Final = (
    "quote_id",
    "account_id",
    "venue",
    "side",
    "token_id",
    "lot_id",
    "allocation_id",
    "amount_usdc",
    "shares",
    "limit_price",
    "expires_at",
)


async def _check_buying(transaction: Transaction, found: Mapping[str, Any], texts: Mapping[str, str]) -> None:
    """What trading looks at again under the lock; here it is an answer at once."""
    for name in ("buys", "halt"):
        switch = await transaction.row("switch", name=name)
        if switch is not None and switch["stopped"]:
            since = switch["changed_at"]
            raise Refused(
                "buys-stopped",
                texts["reason.BUYS_STOPPED"].format(
                    switch_time=texts["since.beginning"] if since is None else rfc3339(since),
                    switch_note=switch["note"],
                ),
            )
    if found["venue"] == Venue.POLYMARKET:
        live = await transaction.row("switch", name="live")
        if not found["armed"] or live is None or live["stopped"]:
            raise Refused("live-not-armed", spoken("refused.live_off"))


async def _of_token(transaction: Transaction, user_id: str, asked: NewQuote) -> dict[str, Any]:
    account = await transaction.row("account_at", user_id=user_id, venue=asked.venue)
    if account is None and asked.venue is Venue.POLYMARKET:
        raise Refused("live-not-armed", spoken("refused.live_not_set_up"))
    if account is None:
        raise not_found("account at this venue")
    return {
        "account_id": account["account_id"], "venue": asked.venue, "token_id": asked.token_id, "lot_id": None,
        "allocation_id": None, "amount_usdc": asked.amount_usdc, "shares": None,
    }  # fmt: skip


async def _of_position(transaction: Transaction, user_id: str, asked: NewQuote) -> dict[str, Any]:
    assert asked.position_id is not None, "a SELL names its position"
    lot = await transaction.row("lot_to_sell", user_id=user_id, lot_id=int(asked.position_id))
    if lot is None:
        raise not_found("open position")
    whole = floor_cents(lot["shares"])
    shares = whole if asked.shares is None else asked.shares
    if not CENT <= shares <= lot["shares"]:
        raise invalid("shares", "must be at least 0.01 and no more than are held", value=shares)
    return {
        "account_id": lot["account_id"], "venue": lot["venue"], "token_id": lot["token_id"],
        "lot_id": lot["lot_id"], "allocation_id": lot["allocation_id"], "amount_usdc": None, "shares": shares,
    }  # fmt: skip


async def answered_quote(doors: Doors, asking: UserActor, asked: QuoteView) -> QuoteView:
    """The quote once trading has answered. 503 when it does not."""
    until = time.monotonic() + ANSWER_SECONDS
    while asked.refusal is None and asked.limit is None:
        if time.monotonic() > until:
            raise Refused("unavailable", spoken("refused.exchange_silent"), retry_after=2)
        await asyncio.sleep(LOOK_SECONDS)
        async with doors.database.transaction(asking.scope) as transaction:
            asked = await quote(transaction, asking.user_id, asked.quote_id)
    return asked


_ON_ITS_WAY: Final = frozenset({CopyState.WAITING, CopyState.PLANNED, CopyState.SUBMITTING})


async def settled_order(doors: Doors, asking: UserActor, placed: OrderView) -> OrderView:
    """The order once its end is known, or as it stands after a while: it goes on by itself."""
    until = time.monotonic() + ANSWER_SECONDS
    while placed.state in _ON_ITS_WAY and time.monotonic() < until:
        await asyncio.sleep(LOOK_SECONDS)
        async with doors.database.transaction(asking.scope) as transaction:
            placed = await order(transaction, asking.user_id, placed.order_id, doors.texts)
    return placed
