"""How the exchange behaves: the one place where it can be told to misbehave. By itself it behaves."""

from __future__ import annotations

from typing import Protocol

from ops.paper.requests import Reply, Request


class Behaviour(Protocol):
    """Asked twice per request; a reply of its own takes the place of the exchange's."""

    async def before(self, request: Request, /) -> Reply | None:
        """Before anything is done: may wait, or answer in its stead."""

    async def after(self, request: Request, /) -> Reply | None:
        """After it was done (and committed): may wait, or put another answer in its place."""


class Behaves:
    """Does what the exchange says it does."""

    async def before(self, _request: Request, /) -> Reply | None:
        """Nothing stands in the way."""
        return None

    async def after(self, _request: Request, /) -> Reply | None:
        """The answer is the answer."""
        return None
