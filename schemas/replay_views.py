"""Runs that decided recorded trades again, as operators are shown them, and what they ask for (UX §6)."""

from __future__ import annotations

from typing import Any, Literal

from schemas.base import Moment
from schemas.requests import Asked, Sentence
from schemas.views import View


class ReplayReason(View):
    """So many were ``then`` and are ``now``. ``what``: a decision with its reasons (PLANNED, WAITING; NONE: no copy
    order), or a message of classify: ``now`` is its topic, ``then`` what was said there (``other``, ``nothing``, or
    ``gone``: it was said and is said no more)."""

    what: Literal["decision", "message"]
    then: str
    now: str
    number: int


class ReplayView(View):
    """A run that decided recorded trades again. Its window is ``offsets`` of ``topic``: partition → the first message
    and the one behind the last; a run that follows has no end. ``choice`` names filters and changed settings; ``code``
    the version that decided; ``differing`` counts what ``by_reason`` lists. ``wanted`` is ``abort`` from [Halt] on
    until the run's next checkpoint."""

    replay_id: str
    name: str
    kind: Literal["replay", "follow"]
    state: Literal["running", "paused", "aborted", "done"]
    wanted: Literal["go", "pause", "abort"]
    code: str
    topic: str
    offsets: dict[str, tuple[int, int]]
    choice: dict[str, Any]
    begun_at: Moment
    done_at: Moment | None
    total: int
    done: int
    not_made: int
    differing: int
    by_reason: tuple[ReplayReason, ...]
    halted_by: str | None
    halted_why: str | None


class ReplayDifference(View):
    """One that differs: a decision by the copy order's name, a message by its trade's; ``differ`` names the fields."""

    what: Literal["decision", "message"]
    name: str
    partition: int
    offset: int
    leader: str
    then: str
    now: str
    differ: tuple[str, ...]
    then_decided: dict[str, Any] | None
    now_decided: dict[str, Any] | None
    decided_at: Moment | None


class NewHalt(Asked):
    """End a run at its next checkpoint, and why; what it found stays."""

    reason: Sentence
