"""Signals of smart traders: read before the fold, written after it, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from schemas.base import rfc3339
from schemas.ids import signal_name
from schemas.trades import SmartTraded
from streams.smart_trader.recommending import BurstKey, Recommended, Signals
from streams.smart_trader.signals import Signal
from streams.tables.asking import ask
from streams.tables.queries import query

Connection = AsyncConnection[TupleRow]
# Names of seven characters meet once in 34 billion pairs; a few spare ones are more than enough.
NAMES_TRIED = 4


async def load_signals(connection: Connection, messages: Sequence[SmartTraded]) -> Signals:
    """What is stored about these messages, their bursts, wallets and tokens."""
    bursts = sorted({_burst(message) for message in messages if message.burst_started_at is not None})
    found = await ask(
        connection,
        [
            (
                "smart_trader/decided_numbers",
                {"wallets": [m.wallet for m in messages], "numbers": [m.number for m in messages]},
            ),
            (
                "smart_trader/signals_of_bursts",
                {
                    "wallets": [burst.wallet for burst in bursts],
                    "token_ids": [burst.token_id for burst in bursts],
                    "started": [burst.started_at for burst in bursts],
                },
            ),
            ("smart_trader/win_rates", {"wallets": sorted({message.wallet for message in messages})}),
            ("smart_trader/closed_markets", {"token_ids": sorted({m.token_id for m in messages})}),
        ],
    )
    return Signals(
        decided={(wallet, number) for wallet, number in found["smart_trader/decided_numbers"]},
        by_burst={
            BurstKey(wallet, token_id, started_at): Signal(usdc, shares, fills, first_at, last_at, announced)
            for wallet, token_id, started_at, usdc, shares, fills, first_at, last_at, announced in found[
                "smart_trader/signals_of_bursts"
            ]
        },
        win_rates=dict(found["smart_trader/win_rates"]),
        closed=dict(found["smart_trader/closed_markets"]),
    )


async def store_recommended(connection: Connection, outcome: Recommended, signals: Signals) -> None:
    """Write the decisions, and the announced signals as they are now."""
    decisions = outcome.decisions
    if not decisions:
        return
    messages = [decision.message for decision in decisions]
    await _run(
        connection,
        "smart_trader/keep_decisions",
        wallets=[message.wallet for message in messages],
        numbers=[message.number for message in messages],
        trade_ids=[message.trade_id for message in messages],
        token_ids=[message.token_id for message in messages],
        started=[message.burst_started_at for message in messages],
        results=[decision.result.value for decision in decisions],
        reasons=[None if decision.reason is None else decision.reason.value for decision in decisions],
        usdc=[decision.usdc for decision in decisions],
        shares=[decision.shares for decision in decisions],
        traded_at=[message.traded_at for message in messages],
    )
    if outcome.changed:
        await _keep_signals(connection, outcome, signals)


async def _keep_signals(connection: Connection, outcome: Recommended, signals: Signals) -> None:
    keys = sorted(outcome.changed)
    grown = [signals.by_burst[key] for key in keys]
    names = await _names(connection, keys)
    await _run(
        connection,
        "smart_trader/keep_signals",
        names=[names[key] for key in keys],
        wallets=[key.wallet for key in keys],
        token_ids=[key.token_id for key in keys],
        started=[key.started_at for key in keys],
        usdc=[signal.usdc for signal in grown],
        shares=[signal.shares for signal in grown],
        averages=[signal.average_price for signal in grown],
        fills=[signal.fills for signal in grown],
        first_at=[signal.first_at for signal in grown],
        last_at=[signal.last_at for signal in grown],
        first_entries=[outcome.changed[key] for key in keys],
    )


async def _names(connection: Connection, keys: Sequence[BurstKey]) -> dict[BurstKey, str]:
    """A name for each burst: its own, or the next when that one belongs to another burst."""
    wanted = {key: [_name(key, attempt) for attempt in range(NAMES_TRIED)] for key in keys}
    every = [name for names in wanted.values() for name in names]
    rows = (await ask(connection, [("smart_trader/names_taken", {"names": every})]))[
        "smart_trader/names_taken"
    ]
    owners = {name: BurstKey(wallet, token_id, started_at) for name, wallet, token_id, started_at in rows}
    chosen: dict[BurstKey, str] = {}
    for key, names in wanted.items():
        name = next(name for name in names if owners.setdefault(name, key) == key)
        chosen[key] = name
    return chosen


def _name(key: BurstKey, attempt: int) -> str:
    return signal_name(key.wallet, key.token_id, rfc3339(key.started_at), attempt)


def _burst(message: SmartTraded) -> BurstKey:
    assert message.burst_started_at is not None
    return BurstKey(message.wallet, message.token_id, message.burst_started_at)


async def _run(connection: Connection, name: str, **parameters: Any) -> None:
    await connection.execute(query(name).encode(), parameters)
