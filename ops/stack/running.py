"""The settings of the stack that runs in a directory, for commands typed beside it (`status`, `feed`, `why` …).

Kept readable by the owner alone (they hold the operator's token), and believed only while a run holds the lock.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from ops.stack.place import stack_directory

FILE: Final = "running.json"
# What only the processes themselves need stays with them.
_NOT_KEPT: Final = frozenset(
    {
        "POLYCOOL_KEY_ENCRYPTION_KEY",
        "POLYCOOL_KEY_ENCRYPTION_FORMER_KEYS",
        "POLYCOOL_WEBHOOK_SECRETS",
        "POLYCOOL_FORMER_WEBHOOK_SECRET",
    }
)


def keep(directory: Path, environment: Mapping[str, str]) -> None:
    """Write the settings of the run's processes; the run holds the directory's lock."""
    settings = {
        name: text
        for name, text in environment.items()
        if name.startswith("POLYCOOL_") and name not in _NOT_KEPT
    }
    file = directory / FILE
    file.touch(mode=0o600)
    file.chmod(0o600)
    file.write_text(json.dumps(settings))


def running_environment(directory: Path) -> dict[str, str] | None:
    """The settings of the run in the directory; none when nothing runs there."""
    if not _held(directory / "lock"):
        return None
    try:
        return dict(json.loads((directory / FILE).read_text()))
    except (FileNotFoundError, ValueError):
        return None


def given_directory(environment: Mapping[str, str] = os.environ) -> Path:
    """The stack's directory as a neighbour sees it: nothing is started there, so Postgres need not be able to enter."""
    wanted = environment.get("POLYCOOL_STACK_DIR")
    return Path(wanted).expanduser() if wanted else stack_directory(environment)


def beside(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The caller's settings; where they name neither broker nor database, those of the stack that runs here."""
    caller = dict(environment)
    if caller.get("POLYCOOL_KAFKA") or caller.get("POLYCOOL_DATABASE_URL"):
        return caller
    return (running_environment(given_directory(environment)) or {}) | caller


def _held(lock: Path) -> bool:
    try:
        with lock.open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        return False
    return False
