"""What operators and the indexer are shown (UX §5)."""

from __future__ import annotations

from typing import Any

from schemas.base import Moment
from schemas.views import View


class SwitchChange(View):
    """One change of a switch."""

    stopped: bool
    who: str
    note: str
    changed_at: Moment


class SwitchView(View):
    """An operators' switch with its last changes. ``changed_at`` is null where nobody has touched it."""

    name: str
    stopped: bool
    who: str
    note: str
    changed_at: Moment | None
    history: tuple[SwitchChange, ...] = ()


class RefusedTrade(View):
    """One trade of a batch that was not taken."""

    index: int
    code: str
    field: str
    message: str


class Received(View):
    """The gateway's answer: ``accepted`` trades are confirmed by the broker."""

    accepted: int
    refused: tuple[RefusedTrade, ...] = ()


class Pipeline(View):
    """What operators look at first; free of a fixed shape within each part."""

    ready: bool
    parts: dict[str, Any]
    as_of: Moment
