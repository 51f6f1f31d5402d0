"""The process that answers one what-if: told by a line of JSON on its standard input, answers in lines on its standard
output. It computes for seconds, which must never hold up the loop that copies trades; it ends when its input ends."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from datetime import datetime, timedelta
from typing import Any, Final

from schemas.allocations import AllocationSettings
from schemas.what_if_causes import WhatIfCause
from streams.tables.what_ifs import Asked, load_past
from streams.what_if.answer import answer

# Whatever else this machine has to do is more urgent.
NICENESS: Final = 10
TELL_SECONDS: Final = 0.25


class TooLong(Exception):
    """It has taken as long as it may."""


def main() -> None:
    """Answer the question of the first line."""
    os.nice(NICENESS)
    told: dict[str, Any] = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_the_asker, daemon=True).start()
    asked = Asked(*told["asked"])
    asked = asked._replace(asked_at=datetime.fromisoformat(told["asked"][Asked._fields.index("asked_at")]))
    try:
        result = _answered(told["url"], asked, told["seconds"], told["most"])
    except TooLong:
        _say(cause=WhatIfCause.TOO_LONG)
    else:
        _say(result=result)


def _answered(url: str, asked: Asked, seconds: float, most: int) -> dict[str, Any]:
    until = time.monotonic() + seconds
    said = time.monotonic()

    def progress(percent: int) -> None:
        nonlocal said
        now = time.monotonic()
        if now > until:
            raise TooLong
        if now - said >= TELL_SECONDS:
            said = now
            _say(progress=percent)

    settings = AllocationSettings.model_validate_json(asked.settings)
    since = asked.asked_at - timedelta(days=asked.days)
    past = load_past(url, asked, since, most)
    return answer(settings, asked.leader, past, (since, asked.asked_at), progress)


def _say(**what: object) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def _end_with_the_asker() -> None:
    sys.stdin.read()
    os._exit(1)


if __name__ == "__main__":
    main()
