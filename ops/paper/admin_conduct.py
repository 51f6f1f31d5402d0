"""The operator's door to misbehaviour: rules, mode, limits, timetable (docs/paper-exchange.md)."""

from __future__ import annotations

from ops.paper.conduct import ConductForm
from ops.paper.limits import LimitsForm
from ops.paper.listener import StreamForm
from ops.paper.lock import PREFIX, Lock
from ops.paper.mode import ModeForm
from ops.paper.newsroom import Newsroom
from ops.paper.porter import Porter
from ops.paper.requests import Answer, Reply, Request
from ops.paper.timetable import ScheduleForm, Timetable
from ops.paper.web import WebApp


class ConductRoutes:
    """Routes that tell the exchange how to behave."""

    def __init__(self, lock: Lock, porter: Porter, newsroom: Newsroom, timetable: Timetable) -> None:
        self._lock = lock
        self._porter = porter
        self._newsroom = newsroom
        self._timetable = timetable

    def register(self, app: WebApp) -> None:
        """Put the routes into the application."""
        guarded, allowed = self._lock.guarded, self._lock.allowed
        app.add("PUT", f"{PREFIX}/conduct", guarded(ConductForm, self.put_conduct))
        app.add("GET", f"{PREFIX}/conduct", allowed(self.conduct))
        app.add("PUT", f"{PREFIX}/mode", guarded(ModeForm, self.put_mode))
        app.add("GET", f"{PREFIX}/mode", allowed(self.mode))
        app.add("PUT", f"{PREFIX}/limits", guarded(LimitsForm, self.put_limits))
        app.add("GET", f"{PREFIX}/limits", allowed(self.limits))
        app.add("PUT", f"{PREFIX}/stream", guarded(StreamForm, self.put_stream))
        app.add("GET", f"{PREFIX}/stream", allowed(self.stream))
        app.add("POST", f"{PREFIX}/stream/cut", allowed(self.cut_stream))
        app.add("PUT", f"{PREFIX}/schedule", guarded(ScheduleForm, self.put_schedule))
        app.add("GET", f"{PREFIX}/schedule", allowed(self.schedule))

    async def put_conduct(self, form: ConductForm) -> Reply:
        """How to misbehave from now on; no rules: behave."""
        self._porter.conduct.put(form)
        return Answer({"rules": len(form.rules)})

    async def conduct(self, _: Request) -> Reply:
        """The rules in force, and how often each acted."""
        return Answer({"rules": self._porter.conduct.told()})

    async def put_mode(self, form: ModeForm) -> Reply:
        """The trading mode from now on."""
        self._porter.mode.put(form)
        return Answer(self._porter.mode.told())

    async def mode(self, _: Request) -> Reply:
        """The trading mode, and how long it still lasts."""
        return Answer(self._porter.mode.told())

    async def put_limits(self, form: LimitsForm) -> Reply:
        """The limits from now on."""
        self._porter.limits.put(form)
        return Answer(self._porter.limits.told())

    async def limits(self, _: Request) -> Reply:
        """The limits in force, and how many requests they refused."""
        return Answer(self._porter.limits.told())

    async def put_stream(self, form: StreamForm) -> Reply:
        """How the user stream misbehaves from now on."""
        self._newsroom.put(form)
        return Answer(self._newsroom.told())

    async def stream(self, _: Request) -> Reply:
        """How the user stream behaves, and how many listen."""
        return Answer(self._newsroom.told())

    async def cut_stream(self, _: Request) -> Reply:
        """All connections of the user stream end."""
        return Answer({"cut": self._newsroom.cut()})

    async def put_schedule(self, form: ScheduleForm) -> Reply:
        """The timetable from now on, instead of the one before."""
        self._timetable.put(form)
        return Answer({"steps": len(form.steps)})

    async def schedule(self, _: Request) -> Reply:
        """How often each step was done, and what came of it last."""
        return Answer({"steps": self._timetable.told()})
