"""The evening's notices as values: what was not copied, and the day before in a line. Pure: rows in, notices out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Any

from schemas.me_views import Delivery, NoticeKind, NoticeSettings
from schemas.money import plain

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class EveningNotice:
    """One notice; ``event`` makes it unique for its day."""

    user_id: str
    kind: str
    event: str
    body: dict[str, Any]


def skip_notices(due: Sequence[Row], skips: Sequence[Row]) -> Iterator[EveningNotice]:
    """Per venue what was not copied, for whoever wants that in the evening; none where everything was."""
    days = {row["user_id"]: row for row in due}
    by_venue = groupby(skips, key=lambda row: (row["user_id"], row["venue"]))
    for (user_id, venue), rows in by_venue:
        leaders = [leader for leader in _leaders(list(rows)) if leader["n"]]
        if not leaders or not _wants(days[user_id], NoticeKind.SKIPPED, Delivery.DIGEST):
            continue
        body: dict[str, Any] = {"venue": venue, "leaders": sorted(leaders, key=lambda each: -each["n"])}
        if len(leaders) == 1:
            body["allocation_id"] = leaders[0]["allocation_id"]
        yield EveningNotice(user_id, "skips_of_the_day", f"skips:{venue}:{days[user_id]['day']}", body)


def _leaders(rows: Sequence[Row]) -> Iterator[dict[str, Any]]:
    for allocation_id in dict.fromkeys(row["allocation_id"] for row in rows):
        own = [row for row in rows if row["allocation_id"] == allocation_id]
        reasons = [row for row in own if row["reason"] is not None]
        yield {
            "allocation_id": allocation_id,
            "leader": own[0]["leader"],
            "leader_name": own[0]["leader_name"],
            "n": sum(row["n"] for row in reasons),
            "total": sum(row["n"] for row in own),
            "reasons": [
                {name: row[name] for name in ("reason", "n", "min_price", "max_price")} for row in reasons
            ],
        }


def day_notices(due: Sequence[Row], summed: Sequence[Row]) -> Iterator[EveningNotice]:
    """Per venue the day before; nothing happened: not sent."""
    days = {row["user_id"]: row for row in due}
    for row in summed:
        day = days[row["user_id"]]
        happened = row["total"] or row["result_usdc"]
        if not happened or _wants(day, NoticeKind.DAILY_SUMMARY, Delivery.OFF):
            continue
        body = {
            name: plain(value) if isinstance(value, Decimal) else value
            for name, value in row.items()
            if name != "user_id" and value is not None
        }
        yield EveningNotice(row["user_id"], "daily_summary", f"day:{row['venue']}:{day['day']}", body)


def _wants(row: Row, kind: NoticeKind, way: Delivery) -> bool:
    return NoticeSettings.model_validate(row["notice_settings"]).deliveries[kind] is way
