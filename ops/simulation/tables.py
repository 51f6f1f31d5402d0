"""A database in memory: transactions that read what is committed and what is their own, locks on rows that are waited
for, unique keys, and connections that can be cut, before a commit or right after it. Nothing of ours decides here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from ops.simulation.steps import Steps

Key = tuple[Any, ...]
Row = dict[str, Any]
Trigger = Callable[["Transaction", str, Key, Row | None, Row], None]
"""Called before a row is written, with the former row; raises what the database would refuse."""


class ConnectionLost(Exception):
    """The connection is gone; whether the last commit took place is not known."""


class UniqueViolation(Exception):
    """A row with this key is there already."""


class Database:
    """Committed rows by table and key, who holds which lock, and which transactions are open."""

    def __init__(self, trigger: Trigger = lambda *_: None) -> None:
        self.tables: defaultdict[str, dict[Key, Row]] = defaultdict(dict)
        self.locks: dict[tuple[str, Key], Transaction] = {}
        self.open: dict[Transaction, None] = {}
        self.version = 0
        self.trigger = trigger

    def begin(self, owner: object) -> Transaction:
        """A new transaction of a process."""
        transaction = Transaction(self, owner)
        self.open[transaction] = None
        return transaction

    def rows(self, table: str) -> list[Row]:
        """What is committed."""
        return list(self.tables[table].values())

    def cut(self, owner: object | None = None) -> None:
        """Cut the connections of one process, or (a restart of the database) of all."""
        for transaction in list(self.open):
            if owner is None or transaction.owner is owner:
                transaction.roll_back()


class Transaction:
    """One transaction. Every method raises ``ConnectionLost`` once it was cut."""

    __slots__ = ("_database", "_held", "_own", "breaks", "ended", "owner")

    def __init__(self, database: Database, owner: object) -> None:
        self._database = database
        self._own: dict[tuple[str, Key], Row] = {}
        self._held: list[tuple[str, Key]] = []
        self.owner = owner
        self.ended = False
        self.breaks: str | None = None

    def get(self, table: str, *key: Any) -> Row | None:
        """A row as this transaction sees it."""
        self._check()
        own = self._own.get((table, key))
        return own if own is not None else self._database.tables[table].get(key)

    def rows(self, table: str) -> Iterator[Row]:
        """All rows of a table as this transaction sees them."""
        self._check()
        for key, row in self._database.tables[table].items():
            yield self._own.get((table, key), row)
        committed = self._database.tables[table]
        for (name, key), row in list(self._own.items()):
            if name == table and key not in committed:
                yield row

    def lock(self, table: str, keys: Sequence[Key]) -> Steps[None]:
        """Lock rows in the order given, waiting for whoever holds one; one round trip."""
        yield f"lock {table}"
        for key in keys:
            place = (table, key)
            while (holder := self._database.locks.get(place)) is not None and holder is not self:
                yield partial(self._is_free, place)
                self._check()
            self._check()
            self._take(place)

    def try_lock(self, table: str, key: Key) -> bool:
        """Lock a row unless another holds it (SKIP LOCKED)."""
        self._check()
        holder = self._database.locks.get((table, key))
        if holder is not None and holder is not self:
            return False
        self._take((table, key))
        return True

    def insert(self, table: str, key: Key, row: Row) -> Steps[None]:
        """A new row; waits for another transaction that is about to insert the same."""
        place = (table, key)
        while (holder := self._database.locks.get(place)) is not None and holder is not self:
            yield partial(self._is_free, place)
            self._check()
        if self.get(table, *key) is not None:
            raise UniqueViolation(f"{table} {key}")
        self._write(place, None, row)

    def change(self, table: str, *key: Any, **columns: Any) -> None:
        """Change columns of a row that this transaction has locked, or that nobody has."""
        former = self.get(table, *key)
        assert former is not None, f"no row {key} in {table}"
        self._write((table, key), former, former | columns)

    def put(self, table: str, key: Key, row: Row) -> None:
        """Insert or replace a row that nobody else can be writing."""
        self._write((table, key), self.get(table, *key), row)

    def commit(self) -> None:
        """All or nothing, durable; with ``breaks`` the connection breaks ``before`` or ``after`` it."""
        self._check()
        if self.breaks == "before":
            self.roll_back()
            raise ConnectionLost("while committing")
        for (table, key), row in self._own.items():
            self._database.tables[table][key] = row
        self._database.version += bool(self._own)
        self._own = {}
        self.roll_back()
        if self.breaks == "after":
            raise ConnectionLost("after the commit")

    def roll_back(self) -> None:
        """Let go of everything."""
        self._own = {}
        self.ended = True
        for place in self._held:
            del self._database.locks[place]
        self._held = []
        self._database.open.pop(self, None)

    def _is_free(self, place: tuple[str, Key]) -> bool:
        return self.ended or place not in self._database.locks

    def _write(self, place: tuple[str, Key], former: Row | None, row: Row) -> None:
        self._check()
        holder = self._database.locks.get(place)
        assert holder is None or holder is self, f"{place} is locked by another transaction"
        self._take(place)
        self._database.trigger(self, place[0], place[1], former, row)
        self._own[place] = row

    def _take(self, place: tuple[str, Key]) -> None:
        if self._database.locks.get(place) is not self:
            self._database.locks[place] = self
            self._held.append(place)

    def _check(self) -> None:
        if self.ended:
            raise ConnectionLost("the connection is gone")
