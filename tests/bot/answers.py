"""An API that answers every route of the copy-trading screens with made facts, in the states a person can be in."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from bot.callbacks import base36
from schemas.allocations import AllocationSettings
from schemas.enums import AllocationState
from schemas.me_views import Resumed, Stopped
from schemas.views import AllocationVersion, AllocationView
from schemas.wallet_views import Resolved
from schemas.what_if_views import RehearsalView
from tests.bot import facts
from tests.bot.more_answers import more_answers, named_answer
from tests.bot.stage import START, Scene, as_json, page, problem

Answer = Callable[[httpx.Request], httpx.Response]


@dataclass
class World:
    """What the API knows: followings that change state, drafts, what was asked for once."""

    followings: list[AllocationView] = field(default_factory=list)
    draft: dict[str, Any] | None = None
    deeds: dict[str, httpx.Response] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)
    empty: bool = False

    def state(self) -> AllocationState:
        """Of the first following, now."""
        return self.followings[0].state

    def answer(self, request: httpx.Request) -> httpx.Response:
        """As the API would; a POST with a known key gets the first answer."""
        key = request.headers.get("Idempotency-Key")
        if request.method == "POST" and key in self.deeds:
            return self.deeds[key]
        made = self._answer(request, request.url.path)
        if request.method == "POST" and key is not None and made.is_success:
            self.deeds[key] = made
            self.done.append(f"POST {request.url.path}")
        return made

    def _answer(self, request: httpx.Request, path: str) -> httpx.Response:
        parts = path.strip("/").split("/")[1:]
        match (request.method, parts):
            case ("GET", ["me", "draft"]):
                return problem(404, "not-found", "no draft") if self.draft is None else as_json(self.draft)
            case ("PUT", ["me", "draft"]):
                times = {"changed_at": "2026-11-22T12:03:04Z", "expires_at": "2026-11-23T12:03:04Z"}
                self.draft = json.loads(request.content) | times
                return as_json(self.draft)
            case ("DELETE", ["me", "draft"]):
                self.draft = None
                return httpx.Response(204)
            case (method, ["allocations", *rest]):
                return self._following(method, rest, request)
            case _:
                return self._other(request, parts)

    def _following(self, method: str, rest: list[str], request: httpx.Request) -> httpx.Response:
        if not rest and method == "GET":
            return as_json(page(self.followings))
        if not rest:
            asked = json.loads(request.content)
            name = f"A-{base36(len(self.followings) + 1).upper().rjust(7, '0')}"
            made = facts.following(
                allocation_id=name,
                leader=asked["leader"],
                settings=AllocationSettings.model_validate(asked["settings"]),
                version=1,
                standing=None,
            )
            self.followings.append(made)
            return as_json(made, 201)
        place = next((n for n, each in enumerate(self.followings) if each.allocation_id == rest[0]), None)
        if place is None:
            return problem(404, "not-found", "There is no such following.")
        each = self.followings[place]
        states = {"pause": "paused", "resume": "active", "close": "closing", "end": "ended"}
        match (method, rest[1:]):
            case ("GET", []):
                return as_json(each)
            case ("GET", ["versions"]):
                return as_json([_version(each)])
            case ("POST", ["sell"]):
                return as_json(facts.sale(allocation=each), 201)
            case ("POST", ["rehearse"]):
                return as_json(RehearsalView(why=facts.why(), traded_at=facts.ago(60), note=""))
            case ("POST", [deed]) if deed in states:
                changed = {"state": AllocationState(states[deed]), "version": each.version + 1}
            case ("PATCH", []):
                return self._patch(place, request)
            case _:
                return problem(404, "not-found", "no such route")
        self.followings[place] = each.model_copy(update=changed)
        return as_json(self.followings[place])

    def _patch(self, place: int, request: httpx.Request) -> httpx.Response:
        each, body = self.followings[place], json.loads(request.content)
        if request.headers["If-Match"] != f'"{each.version}"':
            return problem(412, "version-changed", "changed meanwhile")
        settings = each.settings.model_dump(mode="json") | body.get("settings", {})
        changed = {"settings": settings, "version": each.version + 1, "label": body.get("label")}
        self.followings[place] = AllocationView.model_validate(each.model_dump() | changed)
        return as_json(self.followings[place])

    def _other(self, request: httpx.Request, parts: list[str]) -> httpx.Response:
        listed = not self.empty
        simple: dict[tuple[str, ...], Any] = {
            ("POST", "bot", "users"): facts.USER,
            ("GET", "pnl"): facts.pnl(),
            ("GET", "me", "standing"): facts.STANDING,
            ("GET", "leaders"): page([facts.suggested(n) for n in range(17)] if listed else []),
            ("GET", "wallets", "resolve"): Resolved(items=(facts.resolved(),)),
            ("GET", "positions"): page([facts.position(), facts.by_hand()] if listed else []),
            ("POST", "what-if"): facts.what_if(),
        }
        found = (simple | more_answers(listed=listed)).get((request.method, *parts))
        return as_json(found) if found is not None else self._named(request, parts)

    def _named(self, request: httpx.Request, parts: list[str]) -> httpx.Response:
        match (request.method, parts):
            case ("GET", ["wallets", _, "trades"]):
                return as_json(page([facts.their_trade()] * 8 if not self.empty else []))
            case ("GET", ["wallets", address]):
                return as_json(facts.wallet(wallet=address))
            case ("GET", ["positions", number]):
                return as_json(facts.position(int(number)))
            case ("GET", ["what-if", _]):
                return as_json(facts.what_if())
            case ("POST", ["me", "stop-all"] | ["me", "withdrawal-addresses", _, "not-me"]):
                return self._stop_all()
            case ("DELETE", ["me", "sessions", _]):
                return httpx.Response(204)
            case ("POST", ["me", "resume"]):
                return self._resume_all()
            case ("GET", ["copy-orders", *rest]):
                return self._copies(rest)
            case _:
                found = named_answer(request.method, parts, request.content)
                none = problem(404, "not-found", f"no such route {request.url.path}")
                return none if found is None else as_json(found)

    def _copies(self, rest: list[str]) -> httpx.Response:
        match rest:
            case []:
                return as_json(page([facts.copy_order(), facts.skipped()] * 5 if not self.empty else []))
            case [name, "why"]:
                return as_json(facts.why() if name == facts.COPY else facts.why_skipped())
            case _:
                return as_json(facts.copy_order())

    def _stop_all(self) -> httpx.Response:
        active = [each for each in self.followings if each.state is AllocationState.ACTIVE]
        self.followings = [
            each.model_copy(update={"state": AllocationState.PAUSED, "version": each.version + 1})
            if each in active
            else each
            for each in self.followings
        ]
        return as_json(
            Stopped(paused=tuple(each.allocation_id for each in active), dropped=2, may_still_fill=1)
        )

    def _resume_all(self) -> httpx.Response:
        paused = [each for each in self.followings if each.state is AllocationState.PAUSED]
        self.followings = [
            each.model_copy(update={"state": AllocationState.ACTIVE, "version": each.version + 1})
            if each in paused
            else each
            for each in self.followings
        ]
        return as_json(Resumed(resumed=tuple(each.allocation_id for each in paused)))


def _version(each: AllocationView) -> AllocationVersion:
    return AllocationVersion(
        version=each.version, state=each.state, settings=each.settings, changed_by="web", changed_at=START
    )


def peopled(scene: Scene, **more: Any) -> World:
    """The scene's API becomes such a world."""
    world = World(**more)
    scene.stub.every = world.answer
    return world
