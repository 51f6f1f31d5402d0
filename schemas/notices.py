"""Notices for people between the API and whoever shows them: claimed with a lease, answered for (UX §3, §4, N10)."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field

from schemas.base import Moment
from schemas.requests import Asked
from schemas.views import View


class NoticeClass(StrEnum):
    """Which goes first where not all can go at once."""

    SAFETY = "safety"
    RESULT = "result"
    DIGEST = "digest"


class ClaimNotices(Asked):
    """At most ``most``; the answer waits up to ``wait_seconds`` for one."""

    most: Annotated[int, Field(ge=1, le=100)] = 25
    wait_seconds: Annotated[float, Field(ge=0, le=10)] = 0.0


class NoticeView(View):
    """One message to show. ``kind`` names its text; ``facts`` are what the text needs, numbers as decimal text.
    ``telegram_message_id``: it is shown already and is edited. ``merges``: it stands for so many notices. ``revision``:
    which state of it this is; the result names it, as a later one may have come meanwhile."""

    notification_id: str
    user_id: str
    telegram_id: int
    kind: str
    notice_class: NoticeClass
    language: str
    time_zone: str
    silent: bool
    facts: dict[str, Any]
    telegram_message_id: int | None
    merges: int
    revision: int
    created_at: Moment


class ClaimedNotices(View):
    items: tuple[NoticeView, ...]


class NoticeOutcome(StrEnum):
    """``sent`` needs the message's id; ``later`` was not tried or is to be tried again; ``blocked``: the person has
    blocked the bot; ``impossible``: Telegram will never take it."""

    SENT = "sent"
    LATER = "later"
    BLOCKED = "blocked"
    IMPOSSIBLE = "impossible"


class NoticeResult(Asked):
    """``revision`` is that of the notice as it was claimed; ``telegram_message_id`` belongs to ``sent``."""

    outcome: NoticeOutcome
    revision: Annotated[int, Field(ge=1)] = 1
    telegram_message_id: int | None = None
    retry_after: Annotated[int, Field(ge=0, le=86_400)] | None = None
    words: Annotated[str, Field(max_length=300)] | None = None


class NoticeShown(View):
    """A notice in a person's own list."""

    notification_id: str
    kind: str
    text: str
    created_at: Moment
    sent_at: Moment | None
