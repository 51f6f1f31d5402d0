"""A request as it was read, and what goes back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from ops.paper.refusals import Refusal


class Twist(NamedTuple):
    """What conduct does to an order that is otherwise taken as always.

    ``rest_as``: it rests unmatched, whatever its type, and is answered with this status. ``percent``: so much of it
    matches at most. ``fails_after``: seconds until the settlement of its trades fails. ``lags``: seconds until what it
    bought has arrived. ``due_after``: seconds until what rests is filled or killed, as ``due_as`` says.
    """

    rest_as: str | None = None
    percent: int | None = None
    fails_after: float | None = None
    lags: float | None = None
    due_after: float | None = None
    due_as: str | None = None


STRAIGHT = Twist()


@dataclass(slots=True)
class Request:
    """One request: the path as it was sent (undecoded, without the query), header names lower-case."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    client: str = ""
    """The network address it came from."""
    rest: str = ""
    """What follows the prefix of the route."""
    rule: object = None
    """The rule of conduct that acts on it, if one does."""
    twist: Twist = STRAIGHT
    notes: dict[str, str] = field(default_factory=dict)
    """Headers that its answer will carry, whatever it is."""


@dataclass(slots=True)
class Answer:
    """A status and what goes out as JSON."""

    content: object
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


class Cut(NamedTuple):
    """No answer: the connection ends inside it."""


class Garbled(NamedTuple):
    """A 200 whose body is no whole JSON."""

    body: bytes


Reply = Answer | Refusal | Cut | Garbled
Route = Callable[[Request], Awaitable[Reply]]


def as_answer(reply: Answer | Refusal) -> Answer:
    """A refusal as the exchange writes it."""
    return Answer({"error": reply.error}, reply.status) if isinstance(reply, Refusal) else reply
