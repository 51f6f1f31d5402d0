"""Waiting, with a bound, until everything that was played is answered and nothing is open any more."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ops.demo.asking import Questions
from ops.demo.player import Sent
from ops.figures.broker import Counts
from streams.topology import DEAD_LETTERS

LOOK_SECONDS: Final = 0.25


@dataclass(frozen=True, slots=True)
class Rest:
    """What is still to come; nothing of each kind means settled."""

    unsorted: int
    unanswered: int
    open_copies: int
    unsettled_orders: int
    unsent_messages: int
    unpaid_lots: int

    @property
    def nothing(self) -> bool:
        """Whether all is done."""
        return not any(
            (
                self.unsorted,
                self.unanswered,
                self.open_copies,
                self.unsettled_orders,
                self.unsent_messages,
                self.unpaid_lots,
            )
        )

    def sentence(self) -> str:
        """What is still to come, in words."""
        kinds = (
            (self.unsorted, "trades not sorted"),
            (self.unanswered, "answers to come"),
            (self.open_copies, "copies open"),
            (self.unsettled_orders, "orders not settled"),
            (self.unsent_messages, "messages not sent"),
            (self.unpaid_lots, "lots not paid out"),
        )
        return ", ".join(f"{count:,} {words}" for count, words in kinds if count) or "nothing open"


async def rest(asked: Questions, broker: Counts, sent: Sent, followers: Mapping[str, Sequence[str]]) -> Rest:
    """What is still to come of what was sent. ``followers``: allocations by leader; all began before the first trade,
    so each of a leader's trades is due one answer for each of them."""
    row = await asked.row("still_open")
    watched = sent.trades - sent.unwatched
    answers = {line["leader"]: line["answers"] for line in await asked.rows("answered")}
    due = {leader: count * len(followers.get(leader, ())) for leader, count in sent.copyable.items()}
    return Rest(
        unsorted=max(0, watched - row["stored_trades"] - await broker.messages(DEAD_LETTERS)),
        unanswered=sum(max(0, count - answers.get(leader, 0)) for leader, count in due.items()),
        open_copies=row["open_copies"],
        unsettled_orders=row["unsettled_orders"],
        unsent_messages=row["unsent_messages"],
        unpaid_lots=row["unpaid_lots"],
    )


async def settle(look: Callable[[], Awaitable[Rest]], seconds: float, told: Callable[[Rest], None]) -> Rest:
    """Look until nothing is left, at most so long; returns what is left."""
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    while not (left := await look()).nothing and loop.time() < until:
        told(left)
        await asyncio.sleep(LOOK_SECONDS)
    return left
