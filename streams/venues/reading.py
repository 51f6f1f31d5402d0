"""What the exchange answers to looks, read; field names are the wire's (polymarket.md §8.2). Pure.

Every reader raises ``VenueFault`` for what cannot be read: then nothing of the answer is believed.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from schemas.enums import Side
from schemas.money import EXACT
from streams.venues.faults import VenueFault
from streams.venues.values import decimal, mapping, moment, text
from streams.venues.venue import BalanceSeen, BookSeen, Level, OrderSeen, OrderStatus, OwnOrder

LAST_PAGE: Final = "LTE="
FIRST_PAGE: Final = "MA=="
_STATUS: Final = "ORDER_STATUS_"
_OVER: Final = ("CANCEL", "INVALID", "EXPIRED", "REJECTED", "KILLED")
_UNITS: Final = Decimal(1_000_000)
_TICKS: Final = frozenset(map(Decimal, ("0.1", "0.01", "0.005", "0.0025", "0.001", "0.0001")))


def read_page(said: object) -> tuple[list[object], str]:
    """The rows of a list and the cursor behind them; ``LAST_PAGE`` when there are no more."""
    if isinstance(said, list):
        return said, LAST_PAGE
    rows = said.get("data") if isinstance(said, dict) else None
    cursor = (said.get("next_cursor") or LAST_PAGE) if isinstance(said, dict) else None
    if not isinstance(rows, list) or not isinstance(cursor, str):
        raise VenueFault("a list that cannot be read")
    return rows, cursor


def read_order(said: object) -> OrderSeen:
    """An order's status and what of it is matched. A status nobody knows yet is no end: it counts as open."""
    fields = mapping(said, "an order")
    name = fields.get("status")
    if not isinstance(name, str):
        raise VenueFault("an order that cannot be read")
    matched = decimal(fields.get("size_matched") or "0", "an order")
    return OrderSeen(_status(name), matched)


def read_own_order(said: object) -> OwnOrder:
    """A row of the account's open orders."""
    fields = mapping(said, "an order")
    seen = read_order(fields)
    side = text(fields.get("side"), "an order").upper()
    if side not in set(Side):
        raise VenueFault("an order that cannot be read")
    created = fields.get("created_at")
    return OwnOrder(
        text(fields.get("id"), "an order").lower(),
        text(fields.get("asset_id"), "an order"),
        Side(side),
        seen.status,
        decimal(fields.get("price"), "an order"),
        decimal(fields.get("original_size"), "an order"),
        seen.matched_shares,
        moment(created, "an order") if created else None,
    )


def read_book(said: object) -> BookSeen:
    """A book, whatever the order of its levels; best first on both sides."""
    fields = mapping(said, "a book")
    tick = fields.get("tick_size")
    step = None if tick is None else decimal(tick, "a book").normalize(EXACT)
    neg_risk = fields.get("neg_risk")
    least = fields.get("min_order_size")
    return BookSeen(
        tuple(sorted(_levels(fields.get("bids")), key=_price, reverse=True)),
        tuple(sorted(_levels(fields.get("asks")), key=_price)),
        step if step in _TICKS else None,
        neg_risk if isinstance(neg_risk, bool) else None,
        None if least is None else decimal(least, "a book"),
    )


def read_books(said: object) -> dict[str, BookSeen]:
    """Several books, by their token."""
    if not isinstance(said, list):
        raise VenueFault("books that are no list")
    return {str(mapping(each, "a book").get("asset_id")): read_book(each) for each in said}


def read_balance(said: object) -> BalanceSeen:
    """A balance in USDC or shares: a whole number is micro-units, one with a point is units already (§8.2).

    Allowances by spender in micro-units; an answer with one number for all names it "".
    """
    fields = mapping(said, "a balance")
    told = str(fields.get("balance"))
    amount = decimal(told, "a balance")
    spenders = fields.get("allowances")
    if spenders is None and "allowance" in fields:
        spenders = {"": fields["allowance"]}
    allowances = mapping(spenders if spenders is not None else {}, "a balance")
    return BalanceSeen(
        amount if "." in told else EXACT.divide(amount, _UNITS),
        {str(name).lower(): int(decimal(value, "a balance")) for name, value in allowances.items()},
    )


def read_cancelled(said: object, order_hash: str) -> bool:
    """Whether the exchange says that it cancelled the order; False when it would not."""
    fields = mapping(said, "a cancellation")
    done = fields.get("canceled")
    return isinstance(done, list) and order_hash in [str(name).lower() for name in done]


def _status(name: str) -> OrderStatus:
    known = name.removeprefix(_STATUS).upper()
    if known == "MATCHED":
        return OrderStatus.MATCHED
    return OrderStatus.ENDED if known.startswith(_OVER) else OrderStatus.OPEN


def _levels(said: object) -> list[Level]:
    if not isinstance(said, list):
        raise VenueFault("a book that cannot be read")
    levels = []
    for row in said:
        fields = mapping(row, "a book")
        level = Level(decimal(fields.get("price"), "a book"), decimal(fields.get("size"), "a book"))
        if 0 < level.price < 1 and level.shares > 0:
            levels.append(level)
    return levels


def _price(level: Level) -> Decimal:
    return level.price


def read_closed_only(said: object) -> bool:
    """Whether an account may only sell. What is no plain yes or no is a fault: nobody arms on a guess."""
    found = mapping(said, "a ban status").get("closed_only")
    if not isinstance(found, bool):
        raise VenueFault("a ban status that cannot be read")
    return found
