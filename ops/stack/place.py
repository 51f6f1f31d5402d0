"""Where a project's stack lives, who may enter it, and the lock that keeps a second run out."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import stat
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from ops.stack.errors import StackError

# A broker and a database that run out of disk stop in ugly ways: better not to start.
MIN_FREE_MB = 500
# A neighbour that looks whether a run lives holds the lock for microseconds.
LOCK_SECONDS = 0.5


def project_directory() -> Path:
    """The checkout this program runs from, or the working directory when it is installed elsewhere."""
    checkout = Path(__file__).resolve().parents[2]
    return checkout if (checkout / "pyproject.toml").exists() else Path.cwd()


def stack_directory(environment: Mapping[str, str] = os.environ, project: Path | None = None) -> Path:
    """POLYCOOL_STACK_DIR, or `.polycool` in the project.

    For root, Postgres runs as another user; when that user may not enter the project (a home directory with
    mode 700), the place is `/var/tmp/polycool-<uid>-<hash of the project's path>`.
    """
    wanted = environment.get("POLYCOOL_STACK_DIR")
    if wanted:
        place = Path(wanted).expanduser().resolve()
        if os.geteuid() == 0 and (closed := closed_to_others(place.parent)):
            raise StackError(
                f"Postgres, which does not run as root, may not enter {closed}: "
                f"run chmod o+x {closed}, or set POLYCOOL_STACK_DIR to another place."
            )
        return place
    project = project or project_directory()
    if os.geteuid() == 0 and closed_to_others(project):
        mark = hashlib.sha256(str(project).encode()).hexdigest()[:12]
        return Path("/var/tmp") / f"polycool-{os.getuid()}-{mark}"  # noqa: S108 (survives a restart; our uid only)
    return project / ".polycool"


def closed_to_others(place: Path) -> Path | None:
    """The first directory at or above `place` that other users may not pass, if there is one."""
    for directory in reversed([place, *place.parents]):
        if directory.is_dir() and not directory.stat().st_mode & stat.S_IXOTH:
            return directory
    return None


def prepare(place: Path, *, min_free_mb: int = MIN_FREE_MB) -> None:
    """Make the directory; refuse one that is not ours or a disk that is nearly full."""
    try:
        place.mkdir(parents=True, exist_ok=True)
        if os.geteuid() not in (0, place.stat().st_uid):
            raise StackError(
                f"{place} belongs to another user: set POLYCOOL_STACK_DIR to a place of your own."
            )
        if os.geteuid() == 0:
            place.chmod(0o711)  # the user Postgres runs as passes through here to its data
        free = shutil.disk_usage(place).free // 2**20
    except OSError as error:
        raise StackError(
            f"{place} cannot be used ({error.strerror}): set POLYCOOL_STACK_DIR to another place."
        ) from error
    if free < min_free_mb:
        raise StackError(
            f"the disk under {place} has only {free} MB free and {min_free_mb} MB are needed: "
            "free some, or set POLYCOOL_STACK_DIR to another disk."
        )


class Lock:
    """One run per stack directory. The system drops the lock when its holder dies, however it dies."""

    def __init__(self, place: Path) -> None:
        self._path = place / "lock"
        self._file: IO[str] | None = None

    def take(self) -> None:
        """Take the lock, or raise StackError naming the living run that holds it."""
        file = self._path.open("a+")
        if not _taken(file):
            file.seek(0)
            holder = file.read().strip() or "unknown"
            file.close()
            raise StackError(
                f"another run (process {holder}) uses the stack in {self._path.parent}: "
                "end it first, or set POLYCOOL_STACK_DIR to another place."
            )
        file.seek(0)
        file.truncate()
        file.write(f"{os.getpid()}\n")
        file.flush()
        self._file = file

    def drop(self) -> None:
        """Give the lock back."""
        if self._file is not None:
            self._file.close()
            self._file = None


def _taken(file: IO[str]) -> bool:
    deadline = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        else:
            return True
