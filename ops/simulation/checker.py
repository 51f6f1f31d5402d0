"""What must be true after every step and at the end, worked out anew from rows and from the exchange's own books.

It shares no arithmetic with what it checks: sums, `Fraction` and comparisons, nothing else (DESIGN §4, style §8).
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from ops.simulation.tables import Key, Row, Transaction
from ops.simulation.targets import Targets

if TYPE_CHECKING:
    from ops.simulation.exchange import Tag
    from ops.simulation.world import World

ENDS: Final = frozenset({"filled", "partial", "unfilled", "rejected", "skipped", "expired"})
OPEN: Final = frozenset({"planned", "submitting", "unknown"})
OPEN_ORDERS: Final = frozenset({"signed", "submitting", "unknown", "accepted"})
PROOF_SECONDS: Final = 45.0
CENT: Final = Decimal("0.01")


class Refused(Exception):
    """The database's own rules had to step in: every rule before them was passed."""


def refuse_what_the_database_refuses(
    _transaction: Transaction, table: str, key: Key, former: Row | None, row: Row
) -> None:
    """The constraints and triggers of the tables: raises ``Refused``."""
    if table != "copy_orders":
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
        self._settings: dict[str, dict[str, Any]] = {}
        self.findings: list[str] = []
        self.checks = 0

    def say(self, finding: str) -> None:
        """Note what must not be."""
        self.findings.append(f"{self._world.monotonic:.2f} s, step {self._world.steps}: {finding}")

    # While it runs ----------------------------------------------------------------------------------------------
    def goes_out(self, order: Row, now: datetime) -> None:
        """An order is about to be posted, now: nothing may forbid it (promise 5, SAFETY R11)."""
        tables = self._world.database.tables
        copy = tables["copy_orders"][order["copy_order_id"],]
        allocation = tables["allocations"][copy["allocation_id"],]
        if allocation["state"] == "ended":
            self.say(f"R11: {copy['copy_order_id']} is posted, its following has ended")
        if copy["side"] == "SELL":
            return
        age = timedelta(seconds=self._setting(allocation)["max_age_seconds"])
        if now > copy["traded_at"] + age:
            self.say(f"promise 5: {copy['copy_order_id']} is posted {now - copy['traded_at'] - age} too late")
        switch = tables["switches"].get(("buys",))
        if allocation["state"] != "active" or (switch is not None and switch["stopped"]):
            self.say(f"R11: {copy['copy_order_id']} is posted while buying is stopped")

    def arrived(self, order_hash: str, tag: Tag) -> None:
        """Bytes have reached the exchange: stored ones, and one BUY a trade and allocation (promise 1)."""
        tables = self._world.database.tables
        if (order_hash,) not in tables["orders"]:
            self.say(f"promise 1: {order_hash[:12]} of {tag} was posted and is stored nowhere")
        copy = tables["copy_orders"][tag[0],]
        if copy["side"] == "BUY":
            posted = self._posted[copy["trade_id"], copy["allocation_id"]]
            posted.add(order_hash)
            if len(posted) > 1:
                self.say(f"promise 1: {copy['trade_id'][-6:]} was bought by {len(posted)} orders")

    def left(self, order_hash: str) -> None:
        """A POST of these bytes leaves now."""
        self._left_at[order_hash] = self._world.monotonic

    def committed(self) -> None:
        """Something was committed: every limit holds, in every row."""
        for finding in self._targets.committed(self._world.database.tables):
            self.say(finding)
        self.checks += 1
        copies = list(self._world.database.tables["copy_orders"].values())
        self._once(copies)
        if any(copy["late_fill"] for copy in copies):
            return  # what the exchange does late may go over a limit; the books are checked at rest
        for key, allocation in self._world.database.tables["allocations"].items():
            self._within(key[0], allocation, [copy for copy in copies if copy["allocation_id"] == key[0]])
        for key, account in self._world.database.tables["accounts"].items():
            own = [copy for copy in copies if copy["account_id"] == key[0]]
            held = sum((self._worst(copy) for copy in own), Fraction(0))
            if held > Fraction(account["cash_usdc"]):
                self.say(f"promise 4: {key[0]} has {account['cash_usdc']}, open BUYs may cost {float(held)}")

    def _once(self, copies: list[Row]) -> None:
        pairs = Counter((copy["trade_id"], copy["leader"], copy["allocation_id"]) for copy in copies)
        for pair, count in pairs.items():
            if count > 1:
                self.say(f"promise 2: {count} copy orders of {pair[0][-6:]} for {pair[2]}")
        open_orders: Counter[str] = Counter()
        for name, order in self._world.database.tables["orders"].items():
            open_orders[order["copy_order_id"]] += order["state"] in OPEN_ORDERS
            if order["proven"] and name[0] not in self._proven:
                self._proven.add(name[0])
                self._was_proven(order)
        for name_of_copy, count in open_orders.items():
            if count > 1:
                self.say(f"promise 1: {count} orders of {name_of_copy} are open")

    def _was_proven(self, order: Row) -> None:
        copy = self._world.database.tables["copy_orders"][order["copy_order_id"],]
        if order["state"] == "killed" and copy["reason"] == "NOT_FOUND":
            seconds = self._world.monotonic - self._left_at.get(order["order_hash"], 0.0)
            if seconds < PROOF_SECONDS:
                self.say(f"promise 6: {copy['copy_order_id']} was given up {seconds:.1f} s after its POST")

    def _worst(self, copy: Row) -> Fraction:
        """What an open BUY may cost at most."""
        if copy["side"] != "BUY" or copy["state"] not in OPEN or copy["amount_usdc"] is None:
            return Fraction(0)
        return Fraction(copy["amount_usdc"]) * (1 + Fraction(self._world.scenario.fee_rate))

    def _within(self, name: str, allocation: Row, copies: list[Row]) -> None:
        settings = self._setting(allocation)
        lots = [
            lot
            for lot in self._world.database.tables["lots"].values()
            if lot["allocation_id"] == name and lot["closed_by"] is None
        ]
        worst = sum((self._worst(copy) for copy in copies), Fraction(0))
        at_work = worst + sum((Fraction(lot["cost_usdc"]) for lot in lots), Fraction(0))
        self._most(name, "budget", at_work, settings["budget_usdc"])
        spent = sum((Fraction(c["filled_usdc"] + c["fee_usdc"]) for c in copies if _bought(c)), Fraction(0))
        self._most(name, "day", worst + spent, settings.get("max_per_day_usdc"))
        for token_id in {copy["token_id"] for copy in copies}:
            of_market = [copy for copy in copies if copy["token_id"] == token_id]
            cost = sum(
                (Fraction(lot["cost_usdc"]) for lot in lots if lot["token_id"] == token_id), Fraction(0)
            )
            market = cost + sum((self._worst(copy) for copy in of_market), Fraction(0))
            self._most(name, "market", market, settings.get("max_per_market_usdc"))
            self._sells(name, token_id, of_market, lots)

    def _most(self, name: str, what: str, used: Fraction, limit: str | None) -> None:
        if limit is not None and used > Fraction(limit):
            self.say(f"promise 4: {name} uses {float(used)} of its {what}, which is {limit}")

    def _sells(self, name: str, token_id: str, copies: list[Row], lots: list[Row]) -> None:
        held = sum((lot["shares"] for lot in lots if lot["token_id"] == token_id), Decimal(0))
        selling = sum(
            (c["shares"] - c["filled_shares"] for c in copies if c["side"] == "SELL" and c["state"] in OPEN),
            Decimal(0),
        )
        if selling > held:
            self.say(f"promise 4: {name} sells {selling} of {held}")

    def _setting(self, allocation: Row) -> dict[str, Any]:
        text = allocation["settings"]
        if text not in self._settings:
            self._settings[text] = json.loads(text)
        return self._settings[text]

    # At rest ----------------------------------------------------------------------------------------------------
    def at_rest(self) -> None:
        """All is over: answered, booked, equal to the exchange's books."""
        copies = list(self._world.database.tables["copy_orders"].values())
        self._answers(copies)
        self._money(copies)
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
        for copy in copies:
            if copy["state"] not in ENDS:
                self.say(f"promise 2: {copy['copy_order_id']} is {copy['state']}")

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

    def _money(self, copies: list[Row]) -> None:
        tables, exchange = self._world.database.tables, self._world.exchange
        of_copy = {copy["copy_order_id"]: copy for copy in copies}
        for placed in exchange.orders.values():
            copy = of_copy[placed.tag[0]]
            if placed.side == "BUY" and placed.usdc > copy["amount_usdc"]:
                self.say(f"promise 1: {copy['copy_order_id']} spent {placed.usdc} of {copy['amount_usdc']}")
        for key, account in tables["accounts"].items():
            there = exchange.cash[account["wallet"]]
            if account["cash_usdc"] != there:
                self.say(f"promise 8: {key[0]} has {account['cash_usdc']} here and {there} at the exchange")
            entries = [row["usdc"] for row in tables["cash_entries"].values() if row["account_id"] == key[0]]
            if sum(entries, Decimal(0)) != account["cash_usdc"]:
                self.say(f"promise 8: the entries of {key[0]} do not add up")
            self._shares(key[0], account["wallet"])

    def _shares(self, account_id: str, address: str) -> None:
        lots = [r for r in self._world.database.tables["lots"].values() if r["account_id"] == account_id]
        for token_id in {lot["token_id"] for lot in lots}:
            own = [lot for lot in lots if lot["token_id"] == token_id]
            here = sum((lot["shares"] for lot in own), Decimal(0))
            there = self._world.exchange.shares.get((address, token_id), Decimal(0))
            dust = CENT * sum(lot["closed_by"] is not None for lot in own)
            if not here <= there <= here + dust:
                self.say(f"promise 8: {account_id} has {here} shares here and {there} at the exchange")
            if there < 0:
                self.say(f"promise 4: {account_id} has sold {-there} shares it did not hold")

    def _exits(self, copies: list[Row]) -> None:
        """Where the leader has left, nothing is left, unless a sale was tried and did not come off (RULES §4)."""
        tables = self._world.database.tables
        for lot in tables["lots"].values():
            allocation = tables["allocations"][lot["allocation_id"],]
            of_token = [
                copy
                for copy in copies
                if (copy["allocation_id"], copy["token_id"]) == (lot["allocation_id"], lot["token_id"])
            ]
            last = max(of_token, key=lambda copy: int(copy["number"]), default=None)
            if last is None or lot["closed_by"] is not None or allocation["state"] == "ended":
                continue
            flat = last["side"] == "SELL" and last["message"].position_after == 0
            tried = any(
                c["side"] == "SELL" and c["state"] in ("unfilled", "partial", "rejected") for c in of_token
            )
            excused = tried or any(copy["late_fill"] for copy in of_token)
            # A sale is over when under a cent of it is left, and what it was rounded down by is under a cent too.
            if flat and not excused and lot["shares"] >= 2 * CENT:
                self.say(f"RULES §4: the leader is out, {lot['allocation_id']} still holds {lot['shares']}")


def _bought(copy: Row) -> bool:
    return bool(copy["side"] == "BUY" and copy["state"] in ENDS)


def _read(value: bytes | None) -> dict[str, Any] | None:
    try:
        said = json.loads((value or b"").decode())
    except ValueError:
        return None
    return said if isinstance(said, dict) else None
