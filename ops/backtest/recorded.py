"""Recorded trades and markets out of files. A backtest with a row left out would say something untrue, so a bad row
refuses the file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final, TypeVar

from ops.feed.lines import FileUnreadable, numbered_lines
from ops.feed.market_rows import MarketRows
from ops.feed.refusals import Refused, WrongFile
from ops.feed.trade_rows import CsvTrades, Row, reader_for
from schemas.markets import MarketSeen
from schemas.trades import TradeSeen
from streams.copy_execution.inputs import Market

_Read = TypeVar("_Read")
REFUSED_SHOWN: Final = 10
"""Enough to see what is wrong with a file; thousands of lines would hide it."""
# Any time will do: it makes a recorded resolution readable, and only its payout is used.
_RESOLVED: Final = datetime(2000, 1, 1, tzinfo=UTC)
_DEFAULT_TICK: Final = Decimal("0.001")
_DEFAULT_FEE_RATE: Final = Decimal("0.05")


class BadFile(Exception):
    """A file that cannot be used; the text names it, its bad lines and why."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """Trades in file order, markets by token, and what a share of a resolved token paid, in USDC."""

    trades: tuple[TradeSeen, ...]
    markets: Mapping[str, Market]
    payouts: Mapping[str, Decimal]


def read_recorded(trades_file: str, markets_file: str | None) -> Recorded:
    """Read both files (CSV or JSON lines, plain or gzipped). BadFile names the bad lines.

    Markets count as open throughout. A token that the markets file does not know is taken for a market of its own
    ``condition_id`` with tick 0.001 and fee rate 0.05 (DESIGN §9), its question, category and end unknown.
    """
    rows = _trade_rows(trades_file)
    markets: dict[str, Market] = {}
    payouts: dict[str, Decimal] = {}
    for seen in _market_rows(markets_file) if markets_file is not None else ():
        markets[seen.token_id] = market_of(seen)
        if seen.payout is not None:
            payouts[seen.token_id] = seen.payout
    for row in rows:
        if row.market_id is not None and row.trade.token_id not in markets:
            markets[row.trade.token_id] = Market(row.market_id, _DEFAULT_TICK, _DEFAULT_FEE_RATE)
    return Recorded(tuple(row.trade for row in rows), markets, payouts)


def market_of(seen: MarketSeen) -> Market:
    """The market as a run takes it: open throughout."""
    return Market(
        market_id=seen.market_id,
        tick=seen.tick,
        fee_rate=seen.fee_rate,
        min_buy_usdc=seen.min_buy_usdc,
        end_at=seen.end_at,
        category=seen.category,
        question=seen.question,
    )


def _trade_rows(name: str) -> list[Row]:
    numbered = _numbered(name)
    first_number, header = next(numbered, (0, ""))
    if first_number == 0:
        raise BadFile(f"{name} is empty.")
    try:
        reader = reader_for(header)
    except WrongFile as error:
        raise BadFile(f"{name}: {error}.") from None
    named = [] if isinstance(reader, CsvTrades) else [(first_number, header)]
    read = [reader.read(number, text) for number, text in (*named, *numbered)]
    return [_named(row) for row in _accepted(name, read)]


def _named(row: Row) -> Row:
    """A row of CSV without a transaction is named by its line, so that the same file names it the same."""
    given = row.trade.trade_id
    if row.trade.tx_hash is None and given.startswith(f"row-{row.line}-"):
        return replace(row, trade=row.trade.model_copy(update={"trade_id": f"row-{row.line}"}))
    return row


def _market_rows(name: str) -> list[MarketSeen]:
    numbered = _numbered(name)
    try:
        reader = MarketRows(next(numbered, (0, ""))[1], version=1, resolved_at=_RESOLVED)
    except WrongFile as error:
        raise BadFile(f"{name}: {error}.") from None
    return _accepted(name, [reader.read(number, text) for number, text in numbered])


def _numbered(name: str) -> Iterator[tuple[int, str]]:
    try:
        yield from numbered_lines(name)
    except FileUnreadable as error:
        raise BadFile(str(error)) from None


def _accepted(name: str, read: list[_Read | Refused]) -> list[_Read]:
    refused = [row for row in read if isinstance(row, Refused)]
    if refused:
        shown = [f"  line {row.line}: {row.reason}" for row in refused[:REFUSED_SHOWN]]
        more = len(refused) - len(shown)
        rest = [f"  and {more:,} lines more"] if more else []
        raise BadFile("\n".join([f"{name} has bad lines:", *shown, *rest]))
    return [row for row in read if not isinstance(row, Refused)]
