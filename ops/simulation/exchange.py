"""The exchange: takes order bytes, fills them or not, answers, hangs or breaks off, and keeps the truth in micro-units.

It knows nothing of ours: it reads the bytes, and its arithmetic is its own. ``tag`` (whose copy order the bytes are) is
written down for whoever checks afterwards; nothing here depends on it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Any

import orjson

from streams.venues.trades import FillSeen, Settlement
from streams.venues.venue import OrderSeen, OrderStatus

MICRO = Decimal("0.000001")
FEE_STEP = Decimal("0.00001")
Tag = tuple[str, int]
"""Copy order and attempt."""


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of one POST. ``arrives``: seconds until the bytes are there (None: never); ``answers``: seconds
    until an answer is back after that (None: never); ``part``: of the order that is filled, in halves (0 kills it);
    ``status`` answered instead of the truth; ``rests``: it stays open; ``listed``: seconds until its trades are
    listed; ``fails``: seconds until their settlement fails on the chain (None: they are confirmed at once)."""

    arrives: float | None = 0.02
    answers: float | None = 0.05
    part: int = 2
    status: int | None = None
    refuses: str | None = None
    rests: bool = False
    listed: float = 0.0
    fails: float | None = None


PLAIN = Fate()


@dataclass(slots=True)
class Placed:
    """An order the exchange has."""

    order_hash: str
    tag: Tag
    address: str
    side: str
    token_id: str
    offered: int
    wanted: int
    arrived_at: datetime
    open: bool = False
    fills: list[FillSeen] = field(default_factory=list)
    listed_at: datetime | None = None

    @property
    def usdc(self) -> Decimal:
        """What its fills cost or brought, fees apart."""
        return sum((fill.usdc for fill in self.fills), Decimal(0))

    @property
    def shares(self) -> Decimal:
        """What was filled."""
        return sum((fill.shares for fill in self.fills), Decimal(0))


class Exchange:
    """Its orders, and what each address has of money and shares."""

    def __init__(self, fee_rate: Decimal) -> None:
        self.fee_rate = fee_rate
        self.cash: dict[str, Decimal] = {}
        self.shares: dict[tuple[str, str], Decimal] = {}
        self.orders: dict[str, Placed] = {}
        self.arrivals = 0

    def arrive(self, body: bytes, order_hash: str, tag: Tag, fate: Fate, now: datetime) -> tuple[int, bytes]:
        """The bytes are here; the answer that is sent back, whether or not it arrives."""
        self.arrivals += 1
        said = orjson.loads(body)["order"]
        if fate.refuses is not None:
            return 400, orjson.dumps({"error": fate.refuses})
        if order_hash in self.orders:
            return 400, b'{"error":"order 0x is invalid. Duplicated."}'
        if fate.status is not None and fate.part == 0:
            return fate.status, b'{"error":"not now"}'
        placed = Placed(
            order_hash,
            tag,
            said["maker"].lower(),
            said["side"],
            said["tokenId"],
            int(said["makerAmount"]),
            int(said["takerAmount"]),
            now,
        )
        if not self._affords(placed):
            return 400, b'{"error":"not enough balance / allowance"}'
        self.orders[order_hash] = placed
        if fate.rests:
            placed.open = True
            return 200, self._said(placed, "live")
        self.match(placed, fate, now)
        if fate.status is not None:
            return fate.status, b'{"error":"could not run the execution"}'
        if not placed.fills:
            return (
                400,
                b'{"error":"no orders found to match with FAK order. FAK orders are partially filled or killed"}',
            )
        return 200, self._said(placed, "matched")

    def match(self, placed: Placed, fate: Fate, now: datetime) -> None:
        """Fill it at its limit: wholly, half, or not at all."""
        placed.open = False
        buys = placed.side == "BUY"
        money, shares = (placed.offered, placed.wanted) if buys else (placed.wanted, placed.offered)
        price = Decimal(money) / Decimal(shares)
        size = (Decimal(shares * fate.part) / 2).to_integral_value(ROUND_FLOOR).scaleb(-6)
        if size == 0:
            return
        price = price.quantize(Decimal("0.0001"), ROUND_FLOOR if buys else "ROUND_CEILING")
        usdc = (size * price).quantize(MICRO, ROUND_HALF_UP)
        trade_id = f"T-{hashlib.sha256(placed.order_hash.encode()).hexdigest()[:12]}"
        placed.fills.append(
            FillSeen(
                trade_id,
                placed.order_hash,
                placed.token_id,
                size,
                price,
                usdc,
                None,
                Settlement.CONFIRMED if fate.fails is None else Settlement.MATCHED,
                now,
            )
        )
        placed.listed_at = now + timedelta(seconds=fate.listed)
        self._move(placed, 1)

    def fail(self, placed: Placed) -> None:
        """Its settlement fails on the chain: money and shares are as if it had never been matched."""
        self._move(placed, -1)
        placed.fills = [replace(fill, status=Settlement.FAILED) for fill in placed.fills]

    def _move(self, placed: Placed, way: int) -> None:
        held = (placed.address, placed.token_id)
        sign = way if placed.side == "BUY" else -way
        for fill in placed.fills:
            self.shares[held] = self.shares.get(held, Decimal(0)) + sign * fill.shares
            self.cash[placed.address] -= sign * fill.usdc + way * self.fee(fill.shares, fill.price)

    def fee(self, shares: Decimal, price: Decimal) -> Decimal:
        """Its fee for a fill."""
        if not self.fee_rate:
            return Decimal(0)
        exact = shares * self.fee_rate * price * (1 - price)
        return max(FEE_STEP, exact.quantize(FEE_STEP, ROUND_HALF_UP))

    def look_up(self, order_hash: str) -> OrderSeen | None:
        """Open orders only, as the real one: that nothing is shown proves nothing."""
        placed = self.orders.get(order_hash)
        if placed is None or not placed.open:
            return None
        return OrderSeen(OrderStatus.OPEN, placed.shares)

    def fills(self, address: str, now: datetime) -> Sequence[FillSeen]:
        """The listed fills of an address."""
        return [
            fill
            for placed in self.orders.values()
            if placed.address == address and placed.listed_at is not None and placed.listed_at <= now
            for fill in placed.fills
        ]

    def cancel(self, order_hash: str) -> None:
        """End an open order."""
        placed = self.orders.get(order_hash)
        if placed is not None:
            placed.open = False

    def _affords(self, placed: Placed) -> bool:
        if placed.side == "BUY":
            return self.cash[placed.address] * 1_000_000 >= placed.offered
        return self.shares.get((placed.address, placed.token_id), Decimal(0)) * 1_000_000 >= placed.offered

    def _said(self, placed: Placed, status: str) -> bytes:
        said: dict[str, Any] = {"success": True, "orderID": placed.order_hash, "status": status}
        said["tradeIDs"] = [fill.trade_id for fill in placed.fills]
        return orjson.dumps(said)
