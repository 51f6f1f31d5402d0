"""An order on its way through the exchange: what was placed, what came of it, and what it is decided against."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from ops.paper.fills import FillModel, Match
from ops.paper.holdings import Holdings, Rows
from ops.paper.orders import PostedOrder
from ops.paper.requests import STRAIGHT, Twist
from ops.paper.tokens import Token


@dataclass(frozen=True, slots=True)
class Placement:
    """An order that passed every check that needs no ledger: ``account`` is its maker, ``owner`` who signed.

    ``twist`` is what conduct does to it.
    """

    order_id: str
    account: str
    owner: str
    api_key: str
    order: PostedOrder
    token: Token
    limit: Decimal
    twist: Twist = STRAIGHT


class Terms(NamedTuple):
    """How the exchange fills and settles; shares bought less than ``balance_lag`` ago cannot be sold yet.

    ``market_delay``: what would match in a market with a delay of its own is delayed by it.
    """

    model: FillModel
    mined_after: timedelta
    confirmed_after: timedelta
    balance_lag: timedelta
    market_delay: bool = False


class Placed(NamedTuple):
    """A yes: the order's status in the answer, what it gave and got (micro), and the ids of its trades."""

    order_id: str
    status: str
    making: int
    taking: int
    trade_ids: tuple[str, ...]


class Outcome(NamedTuple):
    """The fills of an order with the fee of each (micro-USDC); ``whole`` when nothing of it is left."""

    matches: list[Match]
    fees: list[int]
    whole: bool


class Sitting(NamedTuple):
    """One batch being decided: the state it changes, the rows it writes, and its one moment."""

    holdings: Holdings
    rows: Rows
    terms: Terms
    now: datetime


def shares_asked(order: PostedOrder) -> int:
    """The size of an order in micro-shares."""
    return order.fields.taker_amount if order.side == "BUY" else order.fields.maker_amount
