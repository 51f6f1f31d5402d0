"""What every flow of the trading process works with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from schemas.enums import Venue as VenueName
from streams.tables.pool import Pool
from streams.trading.bell import Bell
from streams.trading.figures import Figures
from streams.trading.keyring import Keyring
from streams.trading.post_traces import PostTraces
from streams.trading.settings import TradingSettings
from streams.venues.paper_admin import PaperAdmin
from streams.venues.region import Region
from streams.venues.relayer import Relayer
from streams.venues.venue import Venue

DecideWaiting = Callable[[AsyncConnection[TupleRow], str, str, datetime], Awaitable[object]]
"""Decides what waited in an allocation's token, in the transaction that ended the last BUY before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The doors (tables, exchanges, keys), the epoch this worker writes under, settings and figures; who redeems
    winnings and sends withdrawals, where somebody does; who tells our region; who says POSTs to traces, where those are
    on; and what rings when the exchange's stream tells of an order."""

    pool: Pool
    epoch: int
    settings: TradingSettings
    venues: Mapping[VenueName, Venue]
    paper: PaperAdmin
    keyring: Keyring
    figures: Figures
    decide_waiting: DecideWaiting
    now: Callable[[], datetime]
    relayer: Relayer | None = None
    region: Region | None = None
    traces: PostTraces | None = None
    bell: Bell = field(default_factory=Bell)

    @property
    def venue_names(self) -> list[str]:
        """The exchanges this worker speaks to."""
        return [name.value for name in self.venues]
