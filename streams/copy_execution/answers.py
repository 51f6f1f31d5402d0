"""Answering trades for every follower, one after the other, on the books of one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from schemas.enums import CopyState, Reason, Side, TradeKind, Venue
from schemas.trades import LeaderTraded
from streams.classify.ledger import leaves_flat as ends_flat
from streams.copy_execution.batch import Answered, handled_before
from streams.copy_execution.books import apply_decision
from streams.copy_execution.circumstances import Circumstances, circumstances
from streams.copy_execution.decide import decide
from streams.copy_execution.decision import Decision
from streams.copy_execution.following import Following, Surroundings, trade_of
from streams.copy_execution.names import Names
from streams.copy_execution.notices import Notice, left_otherwise, not_sold
from streams.copy_execution.rows import (
    ENDED_AT_ONCE,
    NULL,
    Stamps,
    decision_cells,
    evidence,
    following_cells,
    json_cell,
    message_cells,
    times_json,
)

DecidedAs = tuple[Venue, Side, CopyState, Reason | None]
"""What became of a copy order when it was decided."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What was decided, at ``now``, about one trade for one follower; ``name`` is its copy order's."""

    now: datetime
    name: str
    message: LeaderTraded
    following: Following
    decision: Decision

    @property
    def ended(self) -> bool:
        """Whether the copy order ended with its decision."""
        return self.decision.state in ENDED_AT_ONCE

    @property
    def decided_as(self) -> DecidedAs:
        """What it counts as."""
        return self.following.venue, self.decision.side, self.decision.state, self.decision.reason


Written = tuple[Answer, str]
"""An answer, and its copy order in the text form of COPY."""


def leaves_flat(message: LeaderTraded) -> bool:
    """Whether a message of any kind leaves its leader without shares of the token (RULES §3, §4)."""
    before, after = message.position_before, message.position_after
    going = message.side is Side.SELL or after < before
    return going and ends_flat(before, before - after)


def circumstances_of(message: LeaderTraded, around: Surroundings) -> Circumstances:
    """What all followers of this trade share."""
    return circumstances(
        trade_of(message),
        around.now,
        around.markets.get(message.token_id),
        around.leader_values.get(message.wallet),
        around.switches,
        copy_of_ours=(message.wallet, message.trade_id) in around.copies_of_ours,
        live_source=message.source in around.live_sources,
        flood=around.floods.get((message.wallet, message.number)),
    )


class Answering:
    """Decides messages in order for the followings (by leader, in order of allocation) of one transaction; each
    decision changes the books before the next is taken. ``answered`` holds (trade, allocation) that have their copy
    order already; ``told`` collects what the followers are told."""

    def __init__(
        self,
        followings: Mapping[str, Sequence[Following]],
        around: Surroundings,
        names: Names,
        received: datetime,
        answered: Answered = frozenset(),
    ) -> None:
        self._followings = followings
        self._around = around
        self._names = names
        self._stamps = Stamps(received, around.now)
        self.answered = answered
        self._cells = {
            following.allocation.allocation_id: following_cells(following)
            for several in followings.values()
            for following in several
        }
        self.now = around.now
        self.told: list[Notice] = []

    def answers(self, messages: Sequence[LeaderTraded], clock: Callable[[], datetime]) -> Iterator[Written]:
        """Answer each message for each follower; none for what is no trade. The books follow as it goes on."""
        until = handled_before(messages, self.answered)
        for place, message in enumerate(messages):
            followings = self._followings.get(message.wallet, ())
            if message.kind is TradeKind.TRADE:
                yield from self._answers(message, followings, clock())
            flat = leaves_flat(message)
            if flat or message.kind is not TradeKind.TRADE:
                new = [each for each in followings if until.get(each.allocation.allocation_id, -1) < place]
                self.told.extend(left_otherwise(message, new, flat=flat))
                if flat:
                    for following in new:
                        following.books.leader_is_flat(message.token_id)

    def _answers(
        self, message: LeaderTraded, followings: Sequence[Following], decided: datetime
    ) -> Iterator[Written]:
        seen = circumstances_of(message, self._around)
        times = times_json(message, self._stamps, decided)
        shared = f"{message_cells(message, self._stamps)}\t{json_cell(times)}\t"
        for following in followings:
            if (message.trade_id, following.allocation.allocation_id) not in self.answered:
                answer = self._answer(message, seen, following, shared)
                if answer is not None:
                    yield answer

    def _answer(
        self, message: LeaderTraded, seen: Circumstances, following: Following, shared: str
    ) -> Written | None:
        allocation = following.in_force(message.role_version)
        decision = decide(seen, allocation, following.account, following.books)
        if decision is None:
            return None
        name = self._names.give(message.wallet, message.trade_id, allocation.allocation_id)
        own = decision_cells(name, seen, allocation, following, decision)
        inputs, checks = evidence(message, seen, allocation, following, decision)
        ended = str(seen.now) if decision.state in ENDED_AT_ONCE else NULL
        whose = self._cells[allocation.allocation_id]
        row = f"{shared}{whose}\t{own}\t{json_cell(inputs)}\t{json_cell(checks)}\t{ended}\n"
        self.told.extend(not_sold(name, message, following, decision))
        apply_decision(decision, seen.trade, seen.market, following.account, following.books)
        return Answer(seen.now, name, message, following, decision), row
