"""Directories of this test run; what killed runs left is ended and removed by the next one."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from ops.stack.children import Children

_PREFIX = "polycool-tests-"
# Every test makes and drops a database of a thousand files, which costs a disk's file system a third of a run's time.
_IN_MEMORY = Path("/dev/shm")
_ENOUGH_BYTES = 6 << 30


@contextmanager
def place_of_this_run() -> Iterator[Path]:
    """A directory short enough for sockets and open to Postgres' user; whatever still runs in it is ended."""
    place = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=_roots()[-1]))
    try:
        yield place
    finally:
        Children(place).end_left_over()
        shutil.rmtree(place, ignore_errors=True)


def sweep_killed_runs() -> None:
    """End and remove what test runs left whose process lives no more."""
    for place in (place for root in _roots() for place in root.glob(f"{_PREFIX}*")):
        pid = place.name.removeprefix(_PREFIX).partition("-")[0]
        if not pid.isdigit() or not psutil.pid_exists(int(pid)):
            Children(place).end_left_over()
            shutil.rmtree(place, ignore_errors=True)


def _roots() -> list[Path]:
    """Where runs may have left something; the last one is where this one goes: memory, where there is enough."""
    disk = Path(tempfile.gettempdir())
    if not os.access(_IN_MEMORY, os.W_OK | os.X_OK):
        return [disk]
    enough = min(shutil.disk_usage(_IN_MEMORY).free, psutil.virtual_memory().available) >= _ENOUGH_BYTES
    return [disk, _IN_MEMORY] if enough else [_IN_MEMORY, disk]
