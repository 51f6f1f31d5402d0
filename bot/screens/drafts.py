"""What somebody has begun and not ended: kept by the API for a day, so a restart loses none (UX N9)."""

from __future__ import annotations

import secrets
from typing import Any, Final

from bot.callbacks import base36
from bot.client.errors import Refused
from bot.visit import Visit
from schemas.me_views import DraftView

PATH: Final = "/v1/me/draft"
FOLLOW: Final = "follow"
SETTINGS: Final = "settings"
_NAME_BITS: Final = 40


async def read_draft(visit: Visit, flow: str | None = None) -> DraftView | None:
    """The person's draft (of this flow); None where there is none, or another."""
    try:
        draft = await visit.api.look(DraftView, PATH)
    except Refused as refused:
        if refused.code != "not-found":
            raise
        return None
    return draft if flow is None or draft.flow == flow else None


async def keep_draft(visit: Visit, flow: str, body: dict[str, Any]) -> None:
    """Keep what was begun in place of whatever was before."""
    await visit.api.put(DraftView, PATH, {"flow": flow, "body": body})


async def drop_draft(visit: Visit) -> None:
    """It is ended."""
    await visit.api.delete(PATH)


def draft_name() -> str:
    """A new draft's name: it stands in the key of the deed it ends in, so that deed is done once."""
    return "D-" + base36(secrets.randbits(_NAME_BITS)).rjust(8, "0")
