"""How the exchange behaves: the one place where it can be told to misbehave. By itself it behaves.

Told at ``/paper/admin/conduct`` by rules: which requests (method, path, account), how many of them or which share
(from a seed), and the deed; or the name of a fault (``faults``), which stands for a deed with its fields. A rule that
is used up is passed over; one rule at most acts on a request.

| deed | what happens |
|---|---|
| ``answer_instead`` | nothing is done; ``status``, ``error``, ``code``, ``retry_after`` are the answer (425, 429 …) |
| ``answer_after`` | it is done, then the same: accepted, but the client hears a 500 |
| ``wait_before`` | the request arrives ``seconds`` late: a client that gave up is filled afterwards |
| ``wait_after`` | it is done at once, the answer comes ``seconds`` late, or never in the client's time |
| ``cut_instead``, ``cut_after`` | nothing (all) is done, then the connection is cut inside the answer |
| ``garble_instead``, ``garble_after`` | nothing (all) is done, then half an answer comes as if it were whole |
| ``rest`` | an order of any type rests unmatched; the answer's status is ``status_word`` (delayed, live, unmatched) |
| ``rest_then_fill``, ``rest_then_kill`` | the same, and ``seconds`` later it is filled whole, or killed |
| ``fill_part`` | ``percent`` hundredths of an order match at most |
| ``fail_settlement`` | the trades of an order fail ``seconds`` after their match |
| ``lag_balance`` | what an order bought arrives ``seconds`` late |
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import orjson
from pydantic import BaseModel, ConfigDict

from ops.paper.buckets import limit_headers
from ops.paper.faults import Deed
from ops.paper.requests import Answer, Cut, Garbled, Reply, Request, Twist, as_answer
from ops.paper.rule import Rule

_HALF_AN_ANSWER = b'{"success":true,"errorMsg":"","orderID":"0x'
_Scope = tuple[str, str, str | None]


class ConductForm(BaseModel):
    """``PUT /paper/admin/conduct``: these rules instead of those before; the seed decides who is hit by a share."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rules: list[Rule]
    seed: int = 0


@dataclass(slots=True)
class _Standing:
    rule: Rule
    seen: int = 0
    used: int = 0


class Conduct:
    """Behaves, but for the rules it was given last."""

    def __init__(self, monotonic: Callable[[], float], clock: Callable[[], datetime]) -> None:
        self._monotonic = monotonic
        self._clock = clock
        self._standing: list[_Standing] = []
        self._chances: dict[_Scope, random.Random] = {}
        self._seed = 0
        self._since = 0.0

    def put(self, form: ConductForm) -> None:
        """These rules from now on."""
        self._standing = [_Standing(rule) for rule in form.rules]
        self._seed, self._chances = form.seed, {}
        self._since = self._monotonic()

    def told(self) -> list[dict[str, object]]:
        """The rules, and how often each acted."""
        return [
            {**standing.rule.model_dump(mode="json"), "used": standing.used} for standing in self._standing
        ]

    async def before(self, request: Request, /) -> Reply | None:
        """Chooses the rule that acts on this request, and does what comes first; a reply is the answer instead."""
        rule = self._choose(request) if self._standing else None
        request.rule = rule
        if rule is None:
            return None
        request.twist = _twist(rule)
        if rule.deed is Deed.WAIT_BEFORE:
            await asyncio.sleep(self._seconds(rule))
        if rule.deed is Deed.ANSWER_INSTEAD:
            await asyncio.sleep(self._seconds(rule))
            return self._limited(rule) if rule.status == 429 else rule.answer(None)
        if rule.deed is Deed.CUT_INSTEAD:
            return Cut()
        return Garbled(_HALF_AN_ANSWER) if rule.deed is Deed.GARBLE_INSTEAD else None

    async def after(self, request: Request, reply: Reply, /) -> Reply:
        """Does what the chosen rule does once all is committed; gives back the answer, or another one."""
        rule = request.rule
        if not isinstance(rule, Rule):
            return reply
        if rule.deed is Deed.WAIT_AFTER:
            await asyncio.sleep(self._seconds(rule))
        if rule.deed is Deed.CUT_AFTER:
            return Cut()
        if rule.deed is Deed.GARBLE_AFTER:
            return _garbled(reply)
        if rule.deed is Deed.ANSWER_AFTER:
            await asyncio.sleep(self._seconds(rule))
            return rule.answer(reply) or reply
        return reply

    def _choose(self, request: Request) -> Rule | None:
        """The shares of rules of the same scope stand side by side on one draw."""
        drawn: dict[_Scope, float] = {}
        since = self._monotonic() - self._since
        for standing in self._standing:
            rule = standing.rule
            if (rule.times is not None and standing.used >= rule.times) or not rule.fits(request, since):
                continue
            standing.seen += 1
            if standing.seen <= rule.skip:
                continue
            if rule.share < 1:
                scope = (rule.method, rule.path, rule.address)
                left = drawn[scope] if scope in drawn else self._chance(scope).random()
                drawn[scope] = left - rule.share
                if left >= rule.share:
                    continue
            standing.used += 1
            return rule
        return None

    def _limited(self, rule: Rule) -> Reply | None:
        answer = rule.answer(None)
        if answer is not None:
            answer.headers |= limit_headers(0, int(self._clock().timestamp()) + (rule.retry_after or 0))
        return answer

    def _chance(self, scope: _Scope) -> random.Random:
        if scope not in self._chances:
            # A seed makes a run repeatable; nothing is secret here.
            self._chances[scope] = random.Random(f"{self._seed}/{scope}")  # noqa: S311
        return self._chances[scope]

    def _seconds(self, rule: Rule) -> float:
        if rule.seconds_to is None:
            return rule.seconds
        chance = self._chance(("seconds", rule.path, rule.address))
        return chance.uniform(rule.seconds, rule.seconds_to)


_RESTS: Final = {Deed.REST: None, Deed.REST_THEN_FILL: "fill", Deed.REST_THEN_KILL: "kill"}


def _twist(rule: Rule) -> Twist:
    due_as = _RESTS.get(rule.deed)
    return Twist(
        rest_as=rule.status_word if rule.deed in _RESTS else None,
        due_after=rule.seconds if due_as is not None else None,
        due_as=due_as,
        percent=rule.percent if rule.deed is Deed.FILL_PART else None,
        fails_after=rule.seconds if rule.deed is Deed.FAIL_SETTLEMENT else None,
        lags=rule.seconds if rule.deed is Deed.LAG_BALANCE else None,
    )


def _garbled(reply: Reply) -> Reply:
    if isinstance(reply, Cut | Garbled):
        return reply
    answer: Answer = as_answer(reply)
    whole = orjson.dumps(answer.content)
    return Garbled(whole[: len(whole) // 2 + 1])
