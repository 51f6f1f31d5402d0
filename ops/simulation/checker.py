"""What must be true after every step and at the end, worked out anew from rows and from the exchange's own books.

It shares no arithmetic with what it checks: sums, `Fraction` and comparisons, nothing else (DESIGN §4, style §8).
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from ops.simulation import balances
from ops.simulation.limits import ENDS, Limits, settings_in
from ops.simulation.owners import all_owners, owner_in
from ops.simulation.tables import Key, Row, Transaction
from ops.simulation.targets import Targets
from ops.simulation.told import Told

if TYPE_CHECKING:
    from ops.simulation.exchange import Tag
    from ops.simulation.world import World

OPEN_ORDERS: Final = frozenset({"signed", "submitting", "unknown", "accepted"})
PROOF_SECONDS: Final = 45.0
CENT: Final = Decimal("0.01")


class Refused(Exception):
    """The database's own rules had to step in: every rule before them was passed."""


def refuse_what_the_database_refuses(
    _transaction: Transaction, table: str, key: Key, former: Row | None, row: Row
) -> None:
    """The constraints and triggers of the tables: raises ``Refused``."""
    if table not in ("copy_orders", "exit_orders", "manual_orders"):
        return
    if former is None and row["leader"] == "0x" + "5a" * 20:
        raise Refused(f"promise 3: {key} copies a wallet that is no copy_leader")
    if former is not None and former["state"] in ENDS and row["state"] != former["state"]:
        raise Refused(f"{key}: {former['state']} is an end, was to become {row['state']}")


class Checker:
    """Gathers ``findings``: sentences on what must not be."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._posted: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        self._proven: set[str] = set()
        self._left_at: dict[str, float] = {}
        self._targets = Targets()
        self._limits = Limits(world.scenario.fee_rate)
        self._told = Told(world.results)
        self.findings: list[str] = []
        self.checks = 0

    def say(self, finding: str) -> None:
        """Note what must not be."""
        self.findings.append(f"{self._world.monotonic:.2f} s, step {self._world.steps}: {finding}")

    # While it runs ----------------------------------------------------------------------------------------------
    def goes_out(self, order: Row, now: datetime) -> None:
        """An order is about to be posted, now: nothing may forbid it (promise 5, SAFETY R11)."""
        tables = self._world.database.tables
        owner = owner_in(tables, order["copy_order_id"])
        name, copied = owner["copy_order_id"], "message" in owner
        allocation = tables["allocations"][owner["allocation_id"],] if copied else None
        if allocation is not None and allocation["state"] == "ended":
            self.say(f"R11: {name} is posted, its following has ended")
        if owner["side"] == "SELL":
            return
        last = owner["deadline"]
        if allocation is not None:
            last = owner["traded_at"] + timedelta(seconds=settings_in(allocation)["max_age_seconds"])
        if now > last:
            self.say(f"promise 5: {name} is posted {now - last} too late")
        switch = tables["switches"].get(("buys",))
        paused = allocation is not None and allocation["state"] != "active"
        if paused or (switch is not None and switch["stopped"]):
            self.say(f"R11: {name} is posted while buying is stopped")

    def arrived(self, order_hash: str, tag: Tag) -> None:
        """Bytes have reached the exchange: stored ones, and one BUY a trade and allocation (promise 1)."""
        tables = self._world.database.tables
        if (order_hash,) not in tables["orders"]:
            self.say(f"promise 1: {order_hash[:12]} of {tag} was posted and is stored nowhere")
        owner = owner_in(tables, tag[0])
        if owner["side"] == "BUY":
            posted = self._posted[owner["trade_id"], owner["allocation_id"]]
            posted.add(order_hash)
            if len(posted) > 1:
                self.say(f"promise 1: {owner['trade_id'][-6:]} was bought by {len(posted)} orders")

    def left(self, order_hash: str) -> None:
        """A POST of these bytes leaves now."""
        self._left_at[order_hash] = self._world.monotonic

    def committed(self) -> None:
        """Something was committed: every limit holds, in every row."""
        tables = self._world.database.tables
        self._say_all(self._targets.committed(tables))
        self.checks += 1
        self._once()
        self._say_all(self._limits.committed(tables))
        self._say_all(self._told.committed(tables))

    def _say_all(self, findings: Iterable[str]) -> None:
        for finding in findings:
            self.say(finding)

    def _once(self) -> None:
        tables = self._world.database.tables
        copies = tables["copy_orders"].values()
        pairs = Counter((copy["trade_id"], copy["leader"], copy["allocation_id"]) for copy in copies)
        for pair, count in pairs.items():
            if count > 1:
                self.say(f"promise 2: {count} copy orders of {pair[0][-6:]} for {pair[2]}")
        open_orders: Counter[str] = Counter()
        for name, order in tables["orders"].items():
            open_orders[order["copy_order_id"]] += order["state"] in OPEN_ORDERS
            if order["proven"] and name[0] not in self._proven:
                self._proven.add(name[0])
                self._was_proven(order)
        for owner, count in open_orders.items():
            if count > 1:
                self.say(f"promise 1: {count} orders of {owner} are open")
        causes = Counter((row["cause_kind"], row["cause_ref"]) for row in tables["exit_orders"].values())
        for (kind, fill), count in causes.items():
            if count > 1 or (fill,) not in tables["fills"]:
                self.say(f"R6, R14: {count} exit orders because of {kind} {fill[:14]}")

    def _was_proven(self, order: Row) -> None:
        owner = owner_in(self._world.database.tables, order["copy_order_id"])
        if order["state"] == "killed" and owner["reason"] == "NOT_FOUND":
            seconds = self._world.monotonic - self._left_at.get(order["order_hash"], 0.0)
            if seconds < PROOF_SECONDS:
                self.say(f"promise 6: {owner['copy_order_id']} was given up {seconds:.1f} s after its POST")

    # At rest ----------------------------------------------------------------------------------------------------
    def at_rest(self) -> None:
        """All is over: answered, booked, told, equal to the exchange's books."""
        tables = self._world.database.tables
        copies = list(tables["copy_orders"].values())
        self._answers(copies)
        self._say_all(balances.at_rest(tables, self._world.exchange))
        self._say_all(self._told.at_rest(tables))
        self._exits(copies)

    def _answers(self, copies: list[Row]) -> None:
        tables = self._world.database.tables
        answered = {(copy["leader"], copy["trade_id"], copy["allocation_id"]) for copy in copies}
        for received in self._world.trades.messages:
            said = _read(received.value)
            if said is None:
                if received.place not in self._world.dead_letters:
                    self.say(f"promise 7: {received.place} is no dead letter")
                continue
            if said.get("kind", "trade") != "trade":
                continue
            for key, allocation in tables["allocations"].items():
                due = allocation["leader"] == said["wallet"] and allocation["state"] != "ended"
                due = due and allocation["leader"] != "0x" + "5a" * 20
                if due and (said["wallet"], said["trade_id"], key[0]) not in answered:
                    self.say(f"promise 2: {said['trade_id'][-6:]} has no answer for {key[0]}")
        self._floods(copies)
        for owner in all_owners(tables):
            if owner["state"] not in ENDS:
                self.say(f"promise 2: {owner['copy_order_id']} is {owner['state']}")

    def _floods(self, copies: list[Row]) -> None:
        """So many BUYs of a leader within a minute are decided, each further one is none (SAFETY R27)."""
        buys = {(c["leader"], c["number"]): c["traded_at"] for c in copies if c["side"] == "BUY"}
        for copy in copies:
            if copy["side"] != "BUY":
                continue
            at, place = copy["traded_at"], (copy["leader"], copy["number"])
            within = sum(
                of == place[0] and number <= place[1] and timedelta(0) <= at - then < timedelta(seconds=60)
                for (of, number), then in buys.items()
            )
            if (copy["reason"] == "LEADER_FLOOD") != (within > self._world.scenario.buys_most):
                self.say(f"R27: {copy['copy_order_id']} is number {within} and {copy['reason']}")

    def _exits(self, copies: list[Row]) -> None:
        """Where the leader has left, nothing is left, unless a sale was tried and did not come off (RULES §4)."""
        tables = self._world.database.tables
        exits, by_hand = tables["exit_orders"].values(), tables["manual_orders"].values()
        for lot in tables["lots"].values():
            if lot["closed_by"] is not None or lot["allocation_id"] is None:
                continue
            place = (lot["allocation_id"], lot["token_id"])
            of_token = [copy for copy in copies if _place(copy) == place]
            last = max(of_token, key=lambda copy: int(copy["number"]), default=None)
            if last is None or tables["allocations"][lot["allocation_id"],]["state"] == "ended":
                continue
            flat = last["side"] == "SELL" and last["message"].position_after == 0
            # A sale by hand holds its shares back from the copies; where it fails, its owner is told.
            sales = [
                row for row in (*of_token, *exits, *by_hand) if row["side"] == "SELL" and _place(row) == place
            ]
            excused = any(row["state"] in ("unfilled", "partial", "rejected") for row in sales)
            # A sale is over when under a cent of it is left, and each is rounded down by under a cent.
            rounded = (1 + len(sales)) * CENT
            if flat and not excused and lot["shares"] - self._returned_by_hand(lot["lot_id"]) >= rounded:
                self.say(f"RULES §4: the leader is out, {lot['allocation_id']} still holds {lot['shares']}")

    def _returned_by_hand(self, lot_id: int) -> Decimal:
        """Shares of sales by hand that were taken back: their owner is told, and sells them as he likes."""
        rows = self._world.database.tables["reversals"].values()
        own = (row for row in rows if row["lot_id"] == lot_id and row["side"] == "SELL" and _is_by_hand(row))
        return sum((row["shares"] for row in own), Decimal(0))


def _is_by_hand(row: Row) -> bool:
    return row["copy_order_id"] is None and row["exit_order_id"] is None


def _place(row: Row) -> tuple[str, str]:
    return row["allocation_id"], row["token_id"]


def _read(value: bytes | None) -> dict[str, Any] | None:
    try:
        said = json.loads((value or b"").decode())
    except ValueError:
        return None
    return said if isinstance(said, dict) else None
