"""Events of the user stream, read for one thing: whose orders something happened to (polymarket.md §5.4). Pure.

An event wakes those who look; what it says is never booked. So only names are read, and what cannot be read is let go.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import orjson

from streams.venues.faults import VenueFault
from streams.venues.trades import Settlement, settlement
from streams.venues.values import mapping, text

PING = "PING"
PONG = "PONG"
_WHAT = "an event"


@dataclass(frozen=True, slots=True)
class UserEvent:
    """Something happened to these orders (their hashes). ``trade_id`` and ``status`` are a trade's, else None."""

    order_hashes: frozenset[str]
    trade_id: str | None = None
    status: Settlement | None = None


def events_of(message: str | bytes) -> list[UserEvent]:
    """The events of one message: one, or a list of them. What is none is left out; never raises."""
    try:
        said = orjson.loads(message)
    except orjson.JSONDecodeError:
        return []
    found = []
    for each in said if isinstance(said, list) else [said]:
        try:
            found.append(_event(each))
        except VenueFault:
            continue
    return found


def _event(said: object) -> UserEvent:
    fields = mapping(said, _WHAT)
    if "payload" in fields:
        fields = mapping(fields["payload"], _WHAT)
    name = text(fields.get("id"), _WHAT)
    if "taker_order_id" in fields:
        return UserEvent(frozenset(_orders(fields)), name, settlement(fields.get("status")))
    return UserEvent(frozenset((name.lower(),)))


def _orders(trade: object) -> Iterator[str]:
    fields = mapping(trade, _WHAT)
    yield text(fields.get("taker_order_id"), _WHAT).lower()
    makers = fields.get("maker_orders")
    for maker in makers if isinstance(makers, list) else ():
        yield text(mapping(maker, _WHAT).get("order_id"), _WHAT).lower()
