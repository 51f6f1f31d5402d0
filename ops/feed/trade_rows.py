"""A line of a trades file becomes a TradeSeen, or is refused with its reason. Pure (DESIGN §9, SAFETY R9)."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from pydantic import ValidationError

from ops.feed.refusals import Refused, column_names, reasons, row_of
from schemas.base import rfc3339
from schemas.enums import Source
from schemas.trades import TradeSeen

COLUMNS: Final = ("ts", "wallet", "side", "token_id", "price", "size_shares", "amount_usdc", "tx_hash")
_NAMED: Final = {"size": "size_shares", "usdc": "amount_usdc", "traded_at": "ts"}
# Seconds until the year 2255; what is above is milliseconds, which some exports write.
_SECONDS_MAX: Final = 9_000_000_000


@dataclass(frozen=True, slots=True)
class Row:
    """A line that holds a trade; ``line`` counts from 1, the header included."""

    line: int
    trade: TradeSeen
    market_id: str | None = None


class CsvTrades:
    """Rows of a CSV file in file order. ``<tx_hash>-<n>``: n counts per hash over all rows of the file, bad ones too,
    so that mending one row gives no other row a new name. A row without a hash is named by line and content."""

    def __init__(self, header: str) -> None:
        self._names = column_names(header, COLUMNS)
        self._seen: Counter[str] = Counter()

    def read(self, line: int, text: str) -> Row | Refused:
        """The trade in a line, or why there is none."""
        row = row_of(self._names, line, text)
        if isinstance(row, Refused):
            return row
        trade_id = self._name(line, row["tx_hash"].lower(), text)
        try:
            trade = TradeSeen(
                trade_id=trade_id,
                source=Source.FILE,
                wallet=row["wallet"],
                side=row["side"],
                token_id=row["token_id"],
                size=row["size_shares"],
                price=row["price"],
                usdc=row["amount_usdc"],
                tx_hash=row["tx_hash"] or None,
                traded_at=_moment(row["ts"]),
            )
        except ValidationError as error:
            return Refused(line, reasons(error, _NAMED))
        return _judged(Row(line, trade, row.get("condition_id") or None))

    def _name(self, line: int, tx_hash: str, text: str) -> str:
        if not tx_hash:
            return f"row-{line}-{hashlib.sha256(text.strip().encode()).hexdigest()[:12]}"
        place = self._seen[tx_hash]
        self._seen[tx_hash] += 1
        return f"{tx_hash}-{place}"


class JsonTrades:
    """Rows of a file with one TradeSeen a line. What it says of its source does not count: the door is a file."""

    def read(self, line: int, text: str) -> Row | Refused:
        """The trade in a line, or why there is none."""
        try:
            trade = TradeSeen.model_validate_json(text)
        except ValidationError as error:
            return Refused(line, reasons(error, {}))
        return _judged(Row(line, trade.model_copy(update={"source": Source.FILE})))


TradeReader = CsvTrades | JsonTrades


def reader_for(first_line: str) -> TradeReader:
    """The reader that fits a file's first line (a CSV header, or JSON); WrongFile when none does."""
    return JsonTrades() if first_line.lstrip().startswith("{") else CsvTrades(first_line)


def _judged(row: Row) -> Row | Refused:
    """The row, unless its money contradicts itself by over 25 % (SAFETY R29)."""
    trade = row.trade
    if trade.consistent:
        return row
    return Refused(row.line, f"usdc: {trade.usdc} is over 25 % off {trade.size} shares at {trade.price}")


def _moment(text: str) -> str:
    """Unix seconds (or milliseconds) as RFC 3339; any other text is left to the model to judge."""
    if not (text.isascii() and text.isdigit() and len(text) <= 13):
        return text
    number = int(text)
    seconds, milliseconds = (number, 0) if number <= _SECONDS_MAX else divmod(number, 1000)
    return rfc3339(datetime.fromtimestamp(seconds, UTC).replace(microsecond=milliseconds * 1000))
