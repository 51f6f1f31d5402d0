"""How the exchange behaves: the one place where it can be told to misbehave. By itself it behaves.

Told at ``/paper/admin/conduct`` by rules: which requests (method, path, account), how many of them or which share
(from a seed), and the deed. A rule that is used up is passed over; the first that fits is the only one that acts.

| deed | what happens |
|---|---|
| ``answer_instead`` | nothing is done; ``status``, ``error``, ``code``, ``retry_after`` are the answer (425, 429 …) |
| ``answer_after`` | it is done, then the same: accepted, but the client hears a 500 |
| ``wait_before`` | the request arrives ``seconds`` late: a client that gave up is filled afterwards |
| ``wait_after`` | it is done at once, the answer comes ``seconds`` late, or never in the client's time |
| ``cut_after`` | it is done, then the connection is cut inside the answer |
| ``rest`` | an order of any type rests unmatched; the answer's status is ``status_word`` (delayed, live, unmatched) |
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Protocol

from pydantic import BaseModel, ConfigDict, Field

from ops.paper.requests import Answer, Cut, Reply, Request
from schemas.ids import Wallet


class Behaviour(Protocol):
    """Asked twice per request; a reply of its own takes the place of the exchange's."""

    async def before(self, request: Request, /) -> Reply | None:
        """Before anything is done: may wait, or answer in its stead."""

    async def after(self, request: Request, /) -> Reply | None:
        """After it was done (and committed): may wait, or put another answer in its place."""


class Deed(StrEnum):
    """What a rule does to a request; see the table above."""

    ANSWER_INSTEAD = "answer_instead"
    ANSWER_AFTER = "answer_after"
    WAIT_BEFORE = "wait_before"
    WAIT_AFTER = "wait_after"
    CUT_AFTER = "cut_after"
    REST = "rest"


class Rule(BaseModel):
    """Which requests, and what happens to them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    deed: Deed
    method: str = "POST"
    path: str = "/order"
    """The path, or its beginning with a ``*`` at the end."""
    address: Wallet | None = None
    """Only requests with this ``POLY_ADDRESS``."""
    times: Annotated[int, Field(ge=1)] | None = None
    """How many requests it acts on; None: all."""
    share: Annotated[float, Field(gt=0, le=1)] = 1.0
    """The chance that it acts on a request that fits."""
    seconds: Annotated[float, Field(ge=0, le=3_600)] = 0.0
    status: Annotated[int, Field(ge=400, le=599)] = 500
    error: str = "could not run the execution"
    code: str | None = None
    retry_after: Annotated[int, Field(ge=0, le=3_600)] | None = None
    status_word: str = "delayed"

    def fits(self, request: Request) -> bool:
        """Whether it is about this request."""
        path_fits = (
            request.path.startswith(self.path[:-1]) if self.path.endswith("*") else request.path == self.path
        )
        by = request.headers.get("poly_address", "").lower()
        return request.method == self.method and path_fits and self.address in (None, by)

    def answer(self) -> Answer:
        """Its words."""
        content: dict[str, object] = {"error": self.error}
        if self.code is not None:
            content["code"] = self.code
        headers = {}
        if self.retry_after is not None:
            content["retry_after_seconds"] = self.retry_after
            headers["retry-after"] = str(self.retry_after)
        return Answer(content, self.status, headers)


class ConductForm(BaseModel):
    """``PUT /paper/admin/conduct``: these rules instead of those before; the seed decides who is hit by a share."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rules: list[Rule]
    seed: int = 0


@dataclass(slots=True)
class _Standing:
    rule: Rule
    used: int = 0


class Conduct:
    """Behaves, but for the rules it was given last."""

    def __init__(self) -> None:
        self._standing: list[_Standing] = []
        self._random = random.Random(0)  # noqa: S311  # a seed makes a run repeatable; nothing is secret here

    def put(self, form: ConductForm) -> None:
        """These rules from now on."""
        self._standing = [_Standing(rule) for rule in form.rules]
        self._random.seed(form.seed)

    def told(self) -> list[dict[str, object]]:
        """The rules, and how often each acted."""
        return [
            {**standing.rule.model_dump(mode="json"), "used": standing.used} for standing in self._standing
        ]

    async def before(self, request: Request, /) -> Reply | None:
        """Chooses the rule that acts on this request, and does what comes first."""
        rule = self._choose(request) if self._standing else None
        request.rule = rule
        if rule is None:
            return None
        if rule.deed is Deed.WAIT_BEFORE:
            await asyncio.sleep(rule.seconds)
        if rule.deed is Deed.REST:
            request.rest_as = rule.status_word
        return rule.answer() if rule.deed is Deed.ANSWER_INSTEAD else None

    async def after(self, request: Request, /) -> Reply | None:
        """Does what the chosen rule does once all is committed."""
        rule = request.rule
        if not isinstance(rule, Rule):
            return None
        if rule.deed is Deed.WAIT_AFTER:
            await asyncio.sleep(rule.seconds)
        if rule.deed is Deed.CUT_AFTER:
            return Cut()
        return rule.answer() if rule.deed is Deed.ANSWER_AFTER else None

    def _choose(self, request: Request) -> Rule | None:
        for standing in self._standing:
            rule = standing.rule
            if (rule.times is not None and standing.used >= rule.times) or not rule.fits(request):
                continue
            if rule.share < 1 and self._random.random() >= rule.share:
                continue
            standing.used += 1
            return rule
        return None
