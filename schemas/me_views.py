"""What a person sees and says of themselves: language, zone, notices, drafts, tokens (UX §5, S15)."""

from __future__ import annotations

import re
from datetime import time
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator

from schemas.base import Moment
from schemas.money import DecimalText
from schemas.requests import Asked, Label
from schemas.views import View

LANGUAGES: Final = ("en", "fr")
# Four buttons stand in a row of the chat (UX §1.10).
QUICK_AMOUNTS_MAX: Final = 4
_CLOCK: Final = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?")


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError('must be a time zone such as "Europe/Paris"') from error
    return value


TimeZone = Annotated[str, Field(min_length=1, max_length=60), AfterValidator(_zone)]
"""A zone of the IANA list."""
Language = Annotated[str, Field(pattern=f"^({'|'.join(LANGUAGES)})$")]
"""A language that we have texts in."""


def _time_of_day(value: object) -> object:
    if isinstance(value, str) and not _CLOCK.fullmatch(value):
        raise ValueError('must be a time of day such as "20:00", without a zone')
    if not isinstance(value, (str, time)):
        raise ValueError("must be text")
    return value


TimeOfDay = Annotated[
    time, BeforeValidator(_time_of_day), WithJsonSchema({"type": "string", "pattern": f"^{_CLOCK.pattern}$"})
]
"""A time in the person's own zone, which is said elsewhere."""
QuickAmount = Annotated[DecimalText, Field(ge=1, le=1_000, decimal_places=2)]


class MeChanges(Asked):
    """What is named is changed, the rest stays."""

    language: Language | None = None
    time_zone: TimeZone | None = None
    quick_amounts: (
        Annotated[tuple[QuickAmount, ...], Field(min_length=1, max_length=QUICK_AMOUNTS_MAX)] | None
    ) = None


class TelegramUser(Asked):
    """Who writes to the bot; ``language_code`` is Telegram's own and picks the language at the first time."""

    telegram_id: Annotated[int, Field(gt=0, lt=2**53, strict=True)]
    label: Label
    language_code: Annotated[str, Field(max_length=35)] | None = None


class NoticeKind(StrEnum):
    """What a person can switch (UX S15a); safety notices are in none of them and stay on."""

    COPIED = "copied"
    PARTLY = "partly"
    UNFILLED = "unfilled"
    REJECTED = "rejected"
    CHECKING = "checking"
    LEADER_EXITS = "leader_exits"
    RESOLVED = "resolved"
    SKIPPED = "skipped"
    TOO_LATE = "too_late"
    DAILY_SUMMARY = "daily_summary"
    SIGNALS = "signals"


class Delivery(StrEnum):
    """``on`` at once, ``digest`` in the evening, ``off`` not at all (it stays in the history)."""

    ON = "on"
    DIGEST = "digest"
    OFF = "off"


DELIVERIES: Final = {
    kind: Delivery.DIGEST
    if kind in (NoticeKind.SKIPPED, NoticeKind.TOO_LATE)
    else Delivery.OFF
    if kind is NoticeKind.SIGNALS
    else Delivery.ON
    for kind in NoticeKind
}
"""How each kind comes before somebody changes it (UX S15a)."""


class NoticeSettings(Asked):
    """How notices come; times of day in the person's own zone. ``quiet_from`` equal to ``quiet_to``: no quiet hours."""

    deliveries: dict[NoticeKind, Delivery] = Field(default_factory=lambda: dict(DELIVERIES))
    silent: tuple[NoticeKind, ...] = ()
    summary_at: TimeOfDay = time(20, 0)
    quiet_from: TimeOfDay = time(23, 0)
    quiet_to: TimeOfDay = time(8, 0)

    @model_validator(mode="after")
    def _whole(self) -> NoticeSettings:
        missing = {kind: way for kind, way in DELIVERIES.items() if kind not in self.deliveries}
        self.deliveries.update(missing)
        return self


class NoticeSettingsView(View):
    """The settings with their version, which is their ETag."""

    settings: NoticeSettings
    version: int


class Draft(Asked):
    """What somebody has begun and not ended: one per user, 24 h, 4 kB (UX N9)."""

    flow: Annotated[str, Field(pattern=r"^[a-z_]{1,40}$")]
    body: dict[str, Any]


class DraftView(View):
    """The draft as it is kept."""

    flow: str
    body: dict[str, Any]
    changed_at: Moment
    expires_at: Moment


class TokenScope(StrEnum):
    """``write`` may change what the web page may change; neither may arm, go live, raise a cap, withdraw, or widen a
    live following (SAFETY R26)."""

    READ = "read"
    WRITE = "write"


class NewApiToken(Asked):
    label: Label
    scope: TokenScope = TokenScope.READ


class ApiTokenView(View):
    """A token of one's own; its text is shown once, when it is made (``token``)."""

    token_id: str
    label: str
    scope: TokenScope
    created_at: Moment
    last_used_at: Moment | None
    token: str | None = None


class LinkView(View):
    """A link for signing in on the web page: good once, 60 s."""

    link: str
    expires_at: Moment


class LinkUsed(Asked):
    link: Annotated[str, Field(min_length=16, max_length=200)]


class Stopped(View):
    """What stopping everything did: followings paused, orders not yet sent that were dropped, orders that may still
    fill."""

    paused: tuple[str, ...]
    dropped: int
    may_still_fill: int


class Resumed(View):
    resumed: tuple[str, ...]


class ResumeAsked(Asked):
    """Which followings buy again: those that stop-all paused, unless some are named."""

    allocation_ids: Annotated[tuple[str, ...], Field(max_length=50)] | None = None


PAPER_CREDIT_USDC: Final = Decimal(1_000)
"""What [+1,000 paper] asks for, once a day (UX S14)."""


class BuysStopped(View):
    """The operators have stopped all buying, since when and why."""

    since: Moment
    note: str


class Standing(View):
    """What a person should know before anything else: buying stopped by the operators; how late the latest trades
    reached us (null: none came lately); how many of their orders are being checked with the exchange."""

    buys_stopped: BuysStopped | None
    lag_seconds: int | None
    checking: int
