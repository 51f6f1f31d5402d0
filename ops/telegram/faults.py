"""Misbehaviour on demand: floods, errors, slow answers, answers that are lost, calls that are lost."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class FaultKind(StrEnum):
    """``flood``: 429 with ``retry_after``. ``error``: ``status``, ``description``. ``slow``: done after ``seconds``.
    ``lose_answer``: done, but the connection is cut before the answer. ``lose_call``: cut before anything is done."""

    FLOOD = "flood"
    ERROR = "error"
    SLOW = "slow"
    LOSE_ANSWER = "lose_answer"
    LOSE_CALL = "lose_call"


class Fault(BaseModel):
    """One rule: what happens to the next ``times`` calls (None: until it is taken away) that fit it."""

    model_config = ConfigDict(extra="forbid")

    kind: FaultKind
    method: str | None = None
    """None: every method but getUpdates."""
    chat_id: int | None = None
    times: Annotated[int, Field(ge=1)] | None = 1
    seconds: Annotated[float, Field(ge=0)] = 0.0
    retry_after: Annotated[int, Field(ge=1)] = 1
    status: Annotated[int, Field(ge=400, le=599)] = 502
    description: str = "Bad Gateway"


class Faults:
    """The rules in force; the first that fits is used up by a call."""

    def __init__(self) -> None:
        self._rules: list[Fault] = []

    def add(self, rule: Fault) -> None:
        """In force from now on."""
        self._rules.append(rule)

    def clear(self) -> None:
        """Behave again."""
        self._rules.clear()

    @property
    def waiting(self) -> int:
        """How many rules have not been used up."""
        return len(self._rules)

    def take(self, method: str, chat_id: int | None) -> Fault | None:
        """The rule for this call, if any."""
        for rule in self._rules:
            if rule.method is None and method == "getUpdates":
                continue
            if rule.method not in (None, method) or rule.chat_id not in (None, chat_id):
                continue
            if rule.times is not None:
                rule.times -= 1
                if rule.times == 0:
                    self._rules.remove(rule)
            return rule
        return None
