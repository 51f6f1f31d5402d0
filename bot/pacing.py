"""How fast the bot may call Telegram, and who goes next (UX §4 "Telegram's limits"). Pure: the time is an argument.

Telegram lets a bot make some 30 calls a second and one a second in a chat, with short bursts. What is over that is
refused for everybody for a while, so the bot stays under it by itself.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

_SECOND: Final = 1.0
# A pump that is woken late catches up so much of its time at once; the second's own limit holds all the same.
_LATE_SECONDS: Final = 0.2


class Priority(IntEnum):
    """Who goes first where not all can go at once; within one, chats take turns."""

    TAP = 0
    SAFETY = 1
    RESULT = 2
    DIGEST = 3


@dataclass(frozen=True, slots=True)
class Limits:
    """``in_all`` calls begun in any second (Telegram's limit is 30, edits counted), one a ``chat_seconds`` in a chat
    with a burst of ``chat_burst``. ``at_telegram``: what is under way or was answered within a second; a call may reach
    Telegram at any moment before its answer, so however they bunch on the way, no second there holds more."""

    in_all: int = 25
    at_telegram: int = 29
    chat_seconds: float = 1.0
    chat_burst: int = 3

    @property
    def gap_seconds(self) -> float:
        """What nobody waits for is spread evenly, so that a tap finds room in the second at any time."""
        return _SECOND / self.in_all


@dataclass(eq=False, slots=True)
class Ticket:
    """One call that waits for its turn; ``chat_id`` None: it counts for no chat (an answer to a tap)."""

    chat_id: int | None
    priority: Priority


@dataclass(slots=True)
class _Chat:
    """Calls a chat may still take, as of ``at``."""

    calls: float
    at: float


_Line = OrderedDict[int | None, deque[Ticket]]


@dataclass(slots=True)
class Pace:
    """The waiting calls and the limits they wait for. Times are seconds of one clock that never goes back."""

    limits: Limits = field(default_factory=Limits)
    _lines: dict[Priority, _Line] = field(
        default_factory=lambda: {priority: OrderedDict() for priority in Priority}
    )
    _chats: dict[int, _Chat] = field(default_factory=dict)
    _latest: deque[float] = field(default_factory=deque)
    _held_until: float = float("-inf")
    _even_at: float = float("-inf")
    _under_way: int = 0
    _answered: deque[float] = field(default_factory=deque)

    def add(self, ticket: Ticket, *, first: bool = False) -> None:
        """Line a call up; ``first``: it was refused and goes before what its chat has waiting."""
        line = self._lines[ticket.priority]
        if ticket.chat_id not in line:
            line[ticket.chat_id] = deque()
            if first:
                line.move_to_end(ticket.chat_id, last=False)
        waiting = line[ticket.chat_id]
        waiting.appendleft(ticket) if first else waiting.append(ticket)

    def drop(self, ticket: Ticket) -> None:
        """Forget a call that nobody waits for any more."""
        line = self._lines[ticket.priority]
        waiting = line.get(ticket.chat_id)
        if waiting is not None and ticket in waiting:
            waiting.remove(ticket)
            if not waiting:
                del line[ticket.chat_id]

    def hold(self, until: float) -> None:
        """Nothing goes before ``until``: Telegram has said so."""
        self._held_until = max(self._held_until, until)

    def answered(self, now: float) -> None:
        """A call that was taken has its answer, or will never have one."""
        self._under_way -= 1
        self._answered.append(now)

    def waiting(self) -> int:
        """How many calls wait."""
        return sum(len(each) for line in self._lines.values() for each in line.values())

    def take(self, now: float) -> Ticket | float | None:
        """The call that goes now (it is counted), the time at which to ask again, or None when nothing waits."""
        soonest: float | None = None
        for priority, line in self._lines.items():
            if not line:
                continue
            open_at = self._open_at(priority, now)
            if open_at <= now:
                ticket = self._ready(line, now)
                if ticket is not None:
                    self._count(ticket, now)
                    return ticket
            may = max(open_at, min(self._chat_at(chat_id, now) for chat_id in line))
            soonest = may if soonest is None else min(soonest, may)
        return soonest

    def _open_at(self, priority: Priority, now: float) -> float:
        """When the next call of this priority may go, as far as all chats together are concerned."""
        while self._latest and self._latest[0] <= now - _SECOND:
            self._latest.popleft()
        at = self._held_until
        if len(self._latest) >= self.limits.in_all:
            at = max(at, self._latest[-self.limits.in_all] + _SECOND)
        while self._answered and self._answered[0] <= now - _SECOND:
            self._answered.popleft()
        if self._under_way + len(self._answered) >= self.limits.at_telegram:
            at = max(at, self._answered[0] + _SECOND if self._answered else now + self.limits.gap_seconds)
        return at if priority is Priority.TAP else max(at, self._even_at)

    def _ready(self, line: _Line, now: float) -> Ticket | None:
        """The first call of the first chat that may be called; its chat goes to the end of the line."""
        for chat_id in line:
            if self._chat_at(chat_id, now) <= now:
                waiting = line[chat_id]
                ticket = waiting.popleft()
                if waiting:
                    line.move_to_end(chat_id)
                else:
                    del line[chat_id]
                return ticket
        return None

    def _chat_at(self, chat_id: int | None, now: float) -> float:
        """When a chat may be called next; a chat that may take its whole burst again is forgotten."""
        chat = None if chat_id is None else self._chats.get(chat_id)
        if chat_id is None or chat is None:
            return now
        calls = chat.calls + (now - chat.at) / self.limits.chat_seconds
        if calls >= self.limits.chat_burst:
            del self._chats[chat_id]
            return now
        return now if calls >= 1 else chat.at + (1 - chat.calls) * self.limits.chat_seconds

    def _count(self, ticket: Ticket, now: float) -> None:
        self._latest.append(now)
        self._under_way += 1
        late = now - self._even_at <= _LATE_SECONDS
        self._even_at = (self._even_at if late else now) + self.limits.gap_seconds
        if ticket.chat_id is None:
            return
        chat = self._chats.get(ticket.chat_id)
        calls = float(self.limits.chat_burst)
        if chat is not None:
            calls = min(calls, chat.calls + (now - chat.at) / self.limits.chat_seconds)
        self._chats[ticket.chat_id] = _Chat(calls - 1, now)
        if len(self._chats) > 10_000:
            self._forget_rested(now)

    def _forget_rested(self, now: float) -> None:
        for chat_id in list(self._chats):
            self._chat_at(chat_id, now)
