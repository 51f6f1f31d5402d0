"""A window of the topic `trades` as recorded trades, with the markets that `markets` tells of."""

from __future__ import annotations

import asyncio
from datetime import datetime
from decimal import Decimal
from typing import Final

from aiokafka.errors import KafkaError
from pydantic import ValidationError

from ops.audit.topics import messages
from ops.backtest.recorded import BadFile, Recorded, market_of
from schemas.markets import MarketSeen
from schemas.trades import TradeSeen
from streams.copy_execution.inputs import Market
from streams.topology import MARKETS, TRADES, TopicNames

_Placed = tuple[datetime, int, int, TradeSeen]
UNREADABLE_MAX: Final = 0
"""A run with a trade left out would say something untrue, as with a file."""


class TopicAway(Exception):
    """The broker or the topic cannot be read."""


def read_window(kafka: str, names: TopicNames, since: datetime, until: datetime) -> Recorded:
    """Trades that the broker took from ``since`` on and before ``until``, in the order of its clock; those of a wallet
    keep theirs. TopicAway without a broker, BadFile for a message that cannot be read."""
    try:
        return asyncio.run(_read(kafka, names, since, until))
    except (KafkaError, OSError) as error:
        raise TopicAway(f"the broker at {kafka} does not answer: {type(error).__name__}") from None


async def _read(kafka: str, names: TopicNames, since: datetime, until: datetime) -> Recorded:
    placed: list[_Placed] = []
    bad: list[str] = []
    async for message in messages(kafka, names.of(TRADES)):
        if message.value is None or not since <= message.at < until:
            continue
        try:
            trade = TradeSeen.decode(message.value)
        except ValidationError:
            bad.append(f"{message.partition}/{message.offset}")
        else:
            placed.append((message.at, message.partition, message.offset, trade))
    if len(bad) > UNREADABLE_MAX:
        raise BadFile(f"{len(bad)} messages of the window cannot be read: {', '.join(bad[:10])}")
    markets, payouts = await _markets(kafka, names)
    placed.sort(key=lambda each: each[:3])
    return Recorded(tuple(trade for *_, trade in placed), markets, payouts)


async def _markets(kafka: str, names: TopicNames) -> tuple[dict[str, Market], dict[str, Decimal]]:
    newest: dict[str, MarketSeen] = {}
    async for message in messages(kafka, names.of(MARKETS)):
        if message.value is None:
            continue
        seen = MarketSeen.decode(message.value)
        if seen.token_id not in newest or newest[seen.token_id].version <= seen.version:
            newest[seen.token_id] = seen
    markets = {token_id: market_of(seen) for token_id, seen in newest.items()}
    return markets, {token: seen.payout for token, seen in newest.items() if seen.payout is not None}
