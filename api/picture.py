"""How the way is, for operators: one picture a second for all who look on, however many they are (UX A1)."""

from __future__ import annotations

import time
from importlib.metadata import version
from typing import Any, Final

from api import health
from api.database import OPERATOR
from api.doors import Doors
from api.routes.lists import now
from schemas.ops_views import Pipeline

_VERSION: Final = version("polycool")
_SHARED_SECONDS: Final = 0.9
# Counting an hour's copies reads as many rows; ten seconds of an hour do not show.
_COUNTED_SECONDS: Final = 10.0


async def shared(doors: Doors) -> str:
    """The picture as JSON, drawn anew when it is older than a second. Raises what the database raises."""
    kept = doors.picture
    async with kept.drawing:
        if time.monotonic() - kept.drawn >= _SHARED_SECONDS:
            kept.text = (await look(doors)).model_dump_json()
            kept.drawn = time.monotonic()
        return kept.text


async def look(doors: Doors, *, whole: bool = False) -> Pipeline:
    """The picture now; ``whole`` adds counts over all copies, which read the whole table."""
    kept = doors.picture
    ready, parts = await health.whole_way(doors)
    async with doors.database.transaction(OPERATOR) as transaction:
        row = await transaction.row("how_it_goes")
        assert row is not None, "the switches are there from the first migration on"
        waiting = await transaction.row("notices_waiting")
        assert waiting is not None, "an aggregate always has a row"
        if time.monotonic() - kept.counted >= _COUNTED_SECONDS or whole:
            counts = await transaction.rows("hour_by_state")
            twice = await transaction.row("bought_twice")
            kept.hour = {count["state"]: count["copies"] for count in counts}
            kept.bought_twice = 0 if twice is None else twice["bought_twice"]
            kept.counted = time.monotonic()
        parts["stages"] = await transaction.row("stages")
        parts["switches"] = await transaction.rows("switches")
        if whole:
            parts["copies"] = await transaction.rows("copies_by_state")
        as_of = await now(transaction)
    return Pipeline(
        ready=ready,
        hour=kept.hour,
        bought_twice=kept.bought_twice,
        exchange=_exchange(parts, row["unknown"]),
        parts=parts,
        version=_VERSION,
        as_of=as_of,
        **row,
        **waiting,
    )


def _exchange(parts: dict[str, Any], unknown: int) -> str:
    if parts.get("trading") != "ok":
        return "away"
    return "unclear" if unknown else "ok"
