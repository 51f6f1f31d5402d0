"""Who looks at each request first and at each answer last: the mode, the limits, then the rules of conduct."""

from __future__ import annotations

from ops.paper.conduct import Conduct
from ops.paper.limits import Limits
from ops.paper.mode import Mode
from ops.paper.requests import Reply, Request


class Porter:
    """Asked twice per request; a reply of its own takes the place of the exchange's."""

    def __init__(self, mode: Mode, limits: Limits, conduct: Conduct) -> None:
        self.mode = mode
        self.limits = limits
        self.conduct = conduct

    async def before(self, request: Request, /) -> Reply | None:
        """Before anything is done: may wait, or answer in its stead."""
        refusal = self.mode.refuse(request)
        if refusal is None:
            refusal = await self.limits.before(request)
        return refusal if refusal is not None else await self.conduct.before(request)

    async def after(self, request: Request, reply: Reply, /) -> Reply:
        """After it was done (and committed): may wait, or put another answer in its place."""
        self.limits.after(request, reply)
        return await self.conduct.after(request, reply)
