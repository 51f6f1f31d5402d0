"""A timetable of requests at the operator's own door: what happens at the exchange while nobody asks."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Protocol

import orjson
import structlog
from pydantic import BaseModel, ConfigDict, Field

from ops.paper.lock import PREFIX
from ops.paper.refusals import NO_ROUTE, Refusal
from ops.paper.requests import Answer, Reply, Request, as_answer

_log = structlog.get_logger("paper.timetable")
_Span = Annotated[float, Field(ge=0, le=86_400)]


class Step(BaseModel):
    """``after`` seconds from the put, then each ``every`` seconds, ``times`` in all (None: without end)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    after: _Span
    every: Annotated[float, Field(gt=0, le=86_400)] | None = None
    times: Annotated[int, Field(ge=1)] | None = None
    method: Literal["PUT", "POST"] = "PUT"
    path: Annotated[str, Field(pattern=r"^[a-z-]+(/[a-z-]+)?$")]
    """Behind ``/paper/admin/``; not ``schedule`` itself."""
    body: dict[str, Any]


class ScheduleForm(BaseModel):
    """``PUT /paper/admin/schedule``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    steps: list[Step]


class Doors(Protocol):
    """Where requests are answered."""

    async def answer(self, request: Request, /) -> Reply:
        """What the route of this request answers."""


@dataclass(slots=True)
class _Standing:
    step: Step
    done: int = 0
    status: int | None = None


class Timetable:
    """Runs the steps it was given last, each in a task of its own."""

    def __init__(
        self, doors: Doors, bearer: str, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._doors = doors
        self._bearer = bearer
        self._sleep = sleep
        self._standing: list[_Standing] = []
        self._tasks: set[asyncio.Task[None]] = set()

    def put(self, form: ScheduleForm) -> None:
        """These steps from now on."""
        self.stop()
        self._standing = [_Standing(step) for step in form.steps]
        for standing in self._standing:
            task = asyncio.create_task(self._run(standing), name="paper-timetable")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def stop(self) -> None:
        """No step any more."""
        for task in self._tasks:
            task.cancel()

    def told(self) -> list[dict[str, object]]:
        """How often each step was done, and the status of its last answer."""
        return [
            {"method": at.step.method, "path": at.step.path, "done": at.done, "status": at.status}
            for at in self._standing
        ]

    async def _run(self, standing: _Standing) -> None:
        step = standing.step
        times = step.times if step.every is not None else 1
        await self._sleep(step.after)
        while True:
            reply = await self._ask(step)
            standing.done += 1
            standing.status = as_answer(reply).status if isinstance(reply, Answer | Refusal) else None
            _log.info("timetable_step", path=step.path, status=standing.status)
            if step.every is None or (times is not None and standing.done >= times):
                return
            await self._sleep(step.every)

    async def _ask(self, step: Step) -> Reply:
        if step.path == "schedule":
            return NO_ROUTE
        request = Request(
            method=step.method,
            path=f"{PREFIX}/{step.path}",
            query={},
            headers={"authorization": self._bearer},
            body=orjson.dumps(step.body),
        )
        return await self._doors.answer(request)
