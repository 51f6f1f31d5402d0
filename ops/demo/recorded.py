"""A script from files of recorded trades and markets (DESIGN §9): the trades become of today. Reads the files only."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_UP, Decimal
from itertools import islice
from typing import Final

from ops.demo.script import Cue, MarketCue, Script, TradeCue
from ops.feed.plan import market_rows, trade_rows
from ops.feed.refusals import Refused, WrongFile
from ops.feed.trade_rows import Row
from ops.generator.events import Person
from schemas.enums import AddressType
from schemas.markets import MarketSeen
from schemas.trades import TradeSeen

# Each watched wallet costs calls and has its place in the picture: of a file with more, the busiest are watched.
LEADERS_MAX: Final = 40
_SECOND: Final = 1_000_000
_SOONEST, _LATEST = timedelta(minutes=1), timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Listing:
    """A market, and how long after the demo's start it ends."""

    market: MarketSeen
    ends_after: timedelta | None

    def message(self, began_at: datetime, _now: datetime) -> MarketSeen:
        """The market with its end behind the demo's start."""
        if self.ends_after is None:
            return self.market
        return self.market.model_copy(update={"end_at": began_at + self.ends_after})


def recorded(trades: str, markets: str | None, rate: float, count: int | None) -> Script:
    """The first ``count`` rows of a trades file, evenly ``rate`` a second; WrongFile or FileUnreadable when the files
    are not what they should be."""
    read = list(islice(trade_rows(trades), count))
    rows = [row for row in read if isinstance(row, Row)]
    if not rows:
        raise WrongFile(f"{trades} holds no trade that can be read")
    listings = _listings(markets, rows)
    gap = _SECOND / rate

    def cues() -> Iterator[Cue]:
        yield from (MarketCue(0, listing.message) for listing in listings)
        for place, row in enumerate(rows):
            yield TradeCue(round(place * gap), row.trade.trade_id, _seen(row.trade))

    return Script(_people(rows), cues(), len(rows), len(read) - len(rows))


def _people(rows: Sequence[Row]) -> tuple[Person, ...]:
    """The busiest wallets are leaders; every second of them is a smart trader too, so that both ways are seen."""
    spent: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        spent[row.trade.wallet] += row.trade.usdc or 0
    busiest = Counter(row.trade.wallet for row in rows).most_common(LEADERS_MAX)
    leader, both = frozenset({AddressType.COPY_LEADER}), frozenset(AddressType)
    return tuple(
        Person(
            f"{wallet[:6]}…{wallet[-4:]}",
            wallet,
            both if place % 2 else leader,
            # Nobody says what they were worth: taken as what they moved here, at least a thousand.
            max(spent[wallet], Decimal(1_000)).quantize(Decimal(1), ROUND_UP),
        )
        for place, (wallet, _) in enumerate(busiest)
    )


def _listings(name: str | None, rows: Sequence[Row]) -> list[Listing]:
    """What the file says of the tokens, else what the trades themselves say. All count as open; an end keeps its
    distance from the token's first trade."""
    first: dict[str, datetime] = {}
    for row in rows:
        first.setdefault(row.trade.token_id, row.trade.traded_at)
    told: dict[str, Listing] = {}
    for market in market_rows(name, version=1) if name is not None else ():
        if not isinstance(market, Refused) and market.token_id in first:
            told[market.token_id] = Listing(market, _distance(market.end_at, first[market.token_id]))
    for row in rows:
        token = row.trade.token_id
        if token not in told and row.market_id is not None:
            told[token] = Listing(MarketSeen(version=1, token_id=token, market_id=row.market_id), None)
    return list(told.values())


def _distance(end_at: datetime | None, first: datetime) -> timedelta | None:
    return None if end_at is None else min(max(end_at - first, _SOONEST), _LATEST)


def _seen(trade: TradeSeen) -> Callable[[datetime], TradeSeen]:
    return lambda seen_at: trade.model_copy(update={"traded_at": seen_at})
