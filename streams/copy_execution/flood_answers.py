"""The answers to a BUY over a flood's limit: the same for every follower, so only names and owners differ.

No books are read and no money is locked for them; nothing of a following changes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import orjson

from schemas.trades import LeaderTraded
from streams.copy_execution.batch import AllocationRow
from streams.copy_execution.evidence import checks_json
from streams.copy_execution.finished import ended_at_once
from streams.copy_execution.flood import Flood, flooded
from streams.copy_execution.names import Names
from streams.copy_execution.rows import (
    Stamps,
    json_cell,
    message_cells,
    outcome_cells,
    times_json,
    whose_cells,
)


@dataclass(frozen=True, slots=True)
class FloodedBuy:
    """A BUY that waits to be answered, since ``noted_at``."""

    message: LeaderTraded
    flood: Flood
    noted_at: datetime


class FloodAnswer(NamedTuple):
    """One follower's copy order in the text form of COPY, and its end for the topic with the key it goes under (None
    while the account has no wallet)."""

    row: str
    wallet: str | None
    finished: bytes


def flood_answers(
    buy: FloodedBuy,
    allocations: Sequence[AllocationRow],
    wallets: Mapping[str, str | None],
    *,
    market_id: str | None,
    now: datetime,
    names: Names,
) -> Iterator[FloodAnswer]:
    """Answer the BUY for each of these allocations, at ``now``; ``wallets`` are those of their accounts."""
    message, decision = buy.message, flooded(buy.flood)
    stamps = Stamps(buy.noted_at, now)
    times = json_cell(times_json(message, stamps, now))
    shared = f"{message_cells(message, stamps)}\t{times}"
    evidence = f"{json_cell(_inputs(buy.flood, now))}\t{json_cell(checks_json(decision).decode())}"
    for row in allocations:
        name = names.give(message.wallet, message.trade_id, row.allocation_id)
        wallet = wallets.get(row.account_id)
        whose = whose_cells(row.allocation_id, row.version, (row.user_id, row.account_id, wallet), row.venue)
        known = (row.allocation_id, row.user_id, wallet, row.venue)
        own = outcome_cells(name, market_id, decision, None)
        yield FloodAnswer(
            f"{shared}\t{whose}\t{own}\t{evidence}\t{now}\n",
            wallet,
            ended_at_once(name, message, known, decision, now),
        )


def _inputs(flood: Flood, now: datetime) -> str:
    return orjson.dumps({"now": now, "flood": [flood.buys, flood.most]}, option=orjson.OPT_UTC_Z).decode()
