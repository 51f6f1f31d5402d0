"""When a notice comes with sound: a person's quiet hours, in their own zone. Pure.

Hours are those on the wall: at the change of the clocks a night is an hour longer or shorter, and its ends stay.
"""

from __future__ import annotations

from datetime import datetime

from schemas.me_views import NoticeKind, NoticeSettings
from schemas.notice_words import zone_of
from schemas.notices import NoticeClass


def is_quiet(settings: NoticeSettings, zone: str, now: datetime) -> bool:
    """Whether ``now`` (aware) lies in the quiet hours; from equal to to: there are none."""
    clock = now.astimezone(zone_of(zone)).time()
    begin, end = settings.quiet_from, settings.quiet_to
    if begin <= end:
        return begin <= clock < end
    return clock >= begin or clock < end


def is_silent(
    settings: NoticeSettings, zone: str, now: datetime, notice_class: NoticeClass, topic: str | None
) -> bool:
    """Whether the notice comes without sound. Safety always sounds; a topic may be set to no sound at all."""
    if notice_class is NoticeClass.SAFETY:
        return False
    muted = topic is not None and topic in {NoticeKind(kind).value for kind in settings.silent}
    return muted or is_quiet(settings, zone, now)
