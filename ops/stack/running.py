"""The settings of the stack that runs in a directory, for commands typed beside it (`status`, `feed`, `why` …).

Kept readable by the owner alone (they hold the operator's token), and believed only while a run holds the lock.
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Mapping
from pathlib import Path

FILE = "running.json"


def keep(directory: Path, environment: Mapping[str, str]) -> None:
    """Write the settings of the run's processes; the run holds the directory's lock."""
    file = directory / FILE
    file.touch(mode=0o600)
    file.chmod(0o600)
    file.write_text(
        json.dumps({name: text for name, text in environment.items() if name.startswith("POLYCOOL_")})
    )


def running_environment(directory: Path) -> dict[str, str] | None:
    """The settings of the run in the directory; none when nothing runs there."""
    if not _held(directory / "lock"):
        return None
    try:
        return dict(json.loads((directory / FILE).read_text()))
    except (FileNotFoundError, ValueError):
        return None


def _held(lock: Path) -> bool:
    try:
        with lock.open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        return False
    return False
