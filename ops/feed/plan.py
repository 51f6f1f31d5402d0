"""What a feed would do: counted from the file before anything is sent. Reads the files, nothing else."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain

from ops.feed.lines import STDIN, digest, numbered_lines
from ops.feed.market_rows import MarketRows
from ops.feed.refusals import Refused, WrongFile
from ops.feed.trade_rows import Row, reader_for
from schemas.base import rfc3339
from schemas.ids import short_name
from schemas.markets import MarketSeen


@dataclass(slots=True)
class Counted:
    """What is in a trades file."""

    trades: int = 0
    wallets: set[str] = field(default_factory=set)
    tokens: set[str] = field(default_factory=set)
    first: datetime | None = None
    last: datetime | None = None
    refused: list[Refused] = field(default_factory=list)

    def add(self, row: Row | Refused) -> None:
        """Count one more row."""
        if isinstance(row, Refused):
            self.refused.append(row)
            return
        trade = row.trade
        self.trades += 1
        self.wallets.add(trade.wallet)
        self.tokens.add(trade.token_id)
        self.first = min(self.first or trade.traded_at, trade.traded_at)
        self.last = max(self.last or trade.traded_at, trade.traded_at)


def trade_rows(name: str) -> Iterator[Row | Refused]:
    """All rows of a trades file in order; WrongFile when it is none."""
    lines = numbered_lines(name)
    first = next(lines, None)
    if first is None:
        raise WrongFile(f"{name} is empty")
    reader = reader_for(first[1])
    body = chain([first], lines) if first[1].lstrip().startswith("{") else lines
    return (reader.read(number, text) for number, text in body)


def market_rows(
    name: str, *, version: int, resolved_at: datetime | None = None
) -> Iterator[MarketSeen | Refused]:
    """All rows of a markets file in order; WrongFile when it is none."""
    lines = numbered_lines(name)
    first = next(lines, None)
    if first is None:
        raise WrongFile(f"{name} is empty")
    reader = MarketRows(first[1], version=version, resolved_at=resolved_at)
    return (reader.read(number, text) for number, text in lines)


def count(name: str) -> Counted:
    """Read a trades file once."""
    counted = Counted()
    for row in trade_rows(name):
        counted.add(row)
    return counted


def plan_name(files: list[str], *options: str) -> str:
    """``P-…``: the same for the same files' bytes and the same options, so that a changed world is noticed."""
    digests = ["-" if file == STDIN else digest(file) for file in files]
    return short_name("P", hashlib.sha256("\x1f".join((*digests, *options)).encode()).hexdigest())


def span(counted: Counted) -> str:
    """From when to when the trades are, for people."""
    if counted.first is None or counted.last is None:
        return "no trades"
    return f"{rfc3339(counted.first)} to {rfc3339(counted.last)}"
