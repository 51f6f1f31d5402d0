"""Floods in the tables: counting a leader's BUYs of a minute, noting those over the limit, answering them for all
followers with one statement (SAFETY R27)."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from schemas.trades import LeaderTraded
from streams.copy_execution.batch import AllocationRow
from streams.copy_execution.flood import WINDOW, Counting, Flood, happened_at, is_counted
from streams.copy_execution.flood_answers import FloodAnswer, FloodedBuy, flood_answers
from streams.copy_execution.names import Names, candidates
from streams.tables.arrays import array
from streams.tables.asking import Connection, Question, Rows, ask
from streams.tables.decisions import OUTBOX, decided_messages
from streams.tables.ground import markets_of
from streams.tables.queries import query
from streams.topology import COPY_RESULTS

MESSAGES_AT_ONCE: Final = 16
"""More of them only where a leader has few followers, and then they are soon answered."""
ANSWERS_AT_ONCE: Final = 400
"""Some 20 ms with both cores free: whoever decides for the same followers never waits longer for it."""

Floods = Mapping[tuple[str, int], Flood]
"""Those over the limit, by leader and number."""


async def floods_among(
    connection: Connection, messages: Sequence[LeaderTraded], lately: Rows, most: int
) -> Floods:
    """Which of the messages, in order, are BUYs over the limit. ``lately`` answers ``buys_lately``; the times are read
    only where that and these messages could reach the limit."""
    buys: dict[str, list[LeaderTraded]] = defaultdict(list)
    for message in messages:
        if is_counted(message):
            buys[message.wallet].append(message)
    near = [wallet for wallet, before in lately if buys[wallet] and before + len(buys[wallet]) > most]
    if not near:
        return {}
    asked = _windows({wallet: buys[wallet] for wallet in near})
    rows = await ask(connection, [("copy_execution/times_of_buys", asked)])
    counting = Counting(most, dict(rows["copy_execution/times_of_buys"]))
    found = {}
    for message in messages:
        if is_counted(message) and message.wallet in near:
            flood = counting.take(message.wallet, happened_at(message))
            if flood is not None:
                found[message.wallet, message.number] = flood
    return found


def lately_asked(messages: Sequence[LeaderTraded], most: int) -> list[Question]:
    """What to ask for ``floods_among``."""
    buys: dict[str, list[LeaderTraded]] = defaultdict(list)
    for message in messages:
        if is_counted(message):
            buys[message.wallet].append(message)
    return [("copy_execution/buys_lately", {**_windows(buys), "most": most})] if buys else []


def _windows(buys: Mapping[str, Sequence[LeaderTraded]]) -> dict[str, object]:
    times = {wallet: [happened_at(message) for message in several] for wallet, several in buys.items()}
    return {
        "leaders": array(list(times)),
        "since": array([min(several) - WINDOW for several in times.values()]),
        "until": array([max(several) for several in times.values()]),
    }


def noted(messages: Sequence[LeaderTraded], floods: Floods) -> list[Question]:
    """Keep the BUYs over the limit until they are answered."""
    if not messages:
        return []
    found = [floods[message.wallet, message.number] for message in messages]
    columns = {
        "leaders": array([message.wallet for message in messages]),
        "numbers": array([message.number for message in messages]),
        "trades": array([message.trade_id for message in messages]),
        "traded": array([happened_at(message) for message in messages]),
        "buys": array([flood.buys for flood in found]),
        "mosts": array([flood.most for flood in found]),
        "messages": array([message.encode().decode() for message in messages]),
    }
    return [("copy_execution/note_floods", columns)]


@dataclass(frozen=True, slots=True)
class Waiting:
    """What one transaction answers: the first BUYs of one leader that wait, and for whom (locked, as decisions are)."""

    buys: Sequence[FloodedBuy]
    allocations: Sequence[AllocationRow]
    answered: frozenset[tuple[str, str]]
    wallets: Mapping[str, str | None]
    markets: Mapping[str, str]
    now: datetime


async def waiting_floods(connection: Connection) -> Waiting | None:
    """Lock the oldest that wait, their leader and his followers; None when nothing waits for us."""
    rows = await ask(connection, [("copy_execution/floods_to_answer", {"most": MESSAGES_AT_ONCE})])
    buys = [
        FloodedBuy(LeaderTraded.decode(bytes(message)), Flood(buys, most), noted_at)
        for _, _, message, buys, most, noted_at in rows["copy_execution/floods_to_answer"]
    ]
    if not buys:
        return None
    leaders = array([buys[0].message.wallet])
    found = await ask(
        connection,
        [
            ("copy_execution/lock_leaders", {"leaders": leaders}),
            ("copy_execution/lock_allocations_of_leaders", {"leaders": leaders}),
            ("copy_execution/before", _numbered([buy.message for buy in buys])),
            ("decision/markets_of_tokens", {"tokens": array(sorted({b.message.token_id for b in buys}))}),
            ("decision/switch_and_clock", {}),
        ],
    )
    leads = any(row[1] for row in found["copy_execution/lock_leaders"])
    allocations = [AllocationRow(*row) for row in found["copy_execution/lock_allocations_of_leaders"]]
    rows_at_once = max(1, ANSWERS_AT_ONCE // max(1, len(allocations)))
    accounts = array(sorted({row.account_id for row in allocations}))
    wallets = await ask(connection, [("copy_execution/wallets_of_accounts", {"accounts": accounts})])
    before = found["copy_execution/before"]
    return Waiting(
        buys[:rows_at_once],
        # A wallet that is no copy_leader any more yields no copy order (promise 3): its followings have ended with it.
        allocations if leads else [],
        frozenset((row[3], allocation_id) for row in before for allocation_id in row[4]),
        dict(wallets["copy_execution/wallets_of_accounts"]),
        {
            token_id: market.market_id
            for token_id, market in markets_of(found["decision/markets_of_tokens"]).items()
        },
        found["decision/switch_and_clock"][0][0],
    )


async def names_taken(connection: Connection, waiting: Waiting) -> Names:
    """Names, knowing which of those that may be given now are taken."""
    wanted = [
        name
        for buy in waiting.buys
        for row in waiting.allocations
        for name in candidates(buy.message.wallet, buy.message.trade_id, row.allocation_id)
    ]
    taken = await ask(connection, [("copy_execution/names_taken", {"names": wanted})])
    return Names(name for (name,) in taken["copy_execution/names_taken"])


async def answer_floods(connection: Connection, waiting: Waiting, names: Names) -> int:
    """Answer them for all followers, each BUY once, and commit; how many copy orders that made."""
    answers: list[FloodAnswer] = []
    counts: dict[tuple[str, str], int] = {}
    for buy in waiting.buys:
        message = buy.message
        fresh = [
            row
            for row in waiting.allocations
            if (message.trade_id, row.allocation_id) not in waiting.answered
        ]
        market_id = waiting.markets.get(message.token_id)
        answers += flood_answers(
            buy, fresh, waiting.wallets, market_id=market_id, now=waiting.now, names=names
        )
        await asyncio.sleep(0)  # whoever waits for the loop has his turn
        counts[message.wallet, message.trade_id] = len(waiting.allocations)
    await _write(connection, answers)
    messages = [buy.message for buy in waiting.buys]
    done = {"leader": messages[0].wallet, "numbers": array([message.number for message in messages])}
    questions = [
        *decided_messages(messages, counts, waiting.now),
        ("copy_execution/drop_floods", done),
        *([("decision/wake", {"channels": array([OUTBOX])})] if answers else []),
    ]
    await ask(connection, questions, commit=True)
    return len(answers)


async def _write(connection: Connection, answers: Sequence[FloodAnswer]) -> None:
    if not answers:
        return
    ends = [answer for answer in answers if answer.wallet is not None]
    async with connection.cursor() as cursor:
        async with cursor.copy(query("copy_execution/copy_orders").encode()) as copy:
            await copy.write("".join(answer.row for answer in answers))
        async with cursor.copy(query("decision/finished_into_outbox").encode()) as copy:
            await copy.write(
                "".join(f"{COPY_RESULTS.name}\t{end.wallet}\t\\\\x{end.finished.hex()}\n" for end in ends)
            )


def _numbered(messages: Sequence[LeaderTraded]) -> dict[str, object]:
    return {
        "leaders": array([message.wallet for message in messages]),
        "numbers": array([message.number for message in messages]),
        "trades": array([message.trade_id for message in messages]),
    }
