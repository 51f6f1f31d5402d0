"""A request as it was read, and what goes back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from ops.paper.refusals import Refusal


@dataclass(slots=True)
class Request:
    """One request: the path as it was sent (undecoded, without the query), header names lower-case."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    rest: str = ""
    """What follows the prefix of the route."""
    rule: object = None
    """The rule of conduct that acts on it, if one does."""
    rest_as: str | None = None
    """By conduct: the order rests, and is answered with this status."""


@dataclass(slots=True)
class Answer:
    """A status and what goes out as JSON."""

    content: object
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


class Cut(NamedTuple):
    """No answer: the connection ends inside it."""


Reply = Answer | Refusal | Cut
Route = Callable[[Request], Awaitable[Reply]]


def as_answer(reply: Answer | Refusal) -> Answer:
    """A refusal as the exchange writes it."""
    return Answer({"error": reply.error}, reply.status) if isinstance(reply, Refusal) else reply
