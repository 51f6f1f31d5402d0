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


@contextmanager
def place_of_this_run() -> Iterator[Path]:
    """A directory short enough for sockets and open to Postgres' user; whatever still runs in it is ended."""
    place = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-"))
    try:
        yield place
    finally:
        Children(place).end_left_over()
        shutil.rmtree(place, ignore_errors=True)


def sweep_killed_runs() -> None:
    """End and remove what test runs left whose process lives no more."""
    for place in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        pid = place.name.removeprefix(_PREFIX).partition("-")[0]
        if not pid.isdigit() or not psutil.pid_exists(int(pid)):
            Children(place).end_left_over()
            shutil.rmtree(place, ignore_errors=True)
