"""The programs the stack started: kept in a file, so that the next start can end what a killed run left."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

LEASH = Path(__file__).with_name("leash.py")
# How long a program may take over its orderly end before it is killed. Kafka needs 1 to 2 s here.
STOP_SECONDS = 15.0
LEFT_OVER_SECONDS = 8.0


@dataclass(frozen=True)
class User:
    """The system user a program runs as."""

    uid: int
    gid: int


@dataclass(frozen=True)
class Child:
    """One started program. `created` tells it from a later program with the same pid."""

    name: str
    pid: int
    created: float
    ending: int


class Children:
    """The record of running programs in `children.json` of the stack's directory."""

    def __init__(self, directory: Path) -> None:
        self._file = directory / "children.json"

    def start(
        self,
        name: str,
        command: Sequence[str],
        *,
        log: Path,
        ending: signal.Signals = signal.SIGTERM,
        user: User | None = None,
        environment: Mapping[str, str] | None = None,
        directory: Path | None = None,
    ) -> subprocess.Popen[bytes]:
        """Start `command` on a leash (it gets `ending` when we die), its output appended to `log`."""
        uid, gid = (user.uid, user.gid) if user else (-1, -1)
        leash = [
            sys.executable,
            "-I",
            "-S",
            str(LEASH),
            str(os.getpid()),
            str(int(ending)),
            str(uid),
            str(gid),
        ]
        with log.open("ab") as output:
            process = subprocess.Popen(  # noqa: S603 (our own command line, no shell)
                [*leash, *command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=None if environment is None else dict(environment),
                cwd=directory,
                # Ctrl-C in a terminal goes to us alone; we end the parts in order.
                start_new_session=True,
            )
        self.record(name, process.pid, ending)
        return process

    def record(self, name: str, pid: int, ending: signal.Signals) -> None:
        """Keep a running program's pid under `name` (which replaces an older one)."""
        with contextlib.suppress(psutil.NoSuchProcess):
            child = Child(name, pid, psutil.Process(pid).create_time(), int(ending))
            self._write([*(other for other in self._read() if other.name != name), child])

    def forget(self, name: str) -> None:
        """Drop `name` from the record, once it has ended."""
        self._write([other for other in self._read() if other.name != name])

    def end_left_over(self) -> list[str]:
        """End what a killed run left running, and say what that was. The caller holds the stack's lock."""
        alive = [child for child in self._read() if _running(child)]
        for child in alive:
            _signal(child, child.ending)
        if not _gone(alive, LEFT_OVER_SECONDS):
            for child in alive:
                _signal(child, signal.SIGKILL)
            _gone(alive, LEFT_OVER_SECONDS)
        self._file.unlink(missing_ok=True)
        return [child.name for child in alive]

    def _read(self) -> list[Child]:
        try:
            return [Child(**row) for row in json.loads(self._file.read_text())]
        except (FileNotFoundError, ValueError, TypeError):
            return []

    def _write(self, children: list[Child]) -> None:
        fresh = self._file.with_suffix(".new")
        fresh.write_text(json.dumps([asdict(child) for child in children]))
        fresh.replace(self._file)


def _running(child: Child) -> bool:
    try:
        process = psutil.Process(child.pid)
        same = abs(process.create_time() - child.created) < 0.05
        # One that nobody has waited for yet runs no more.
        return same and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _signal(child: Child, which: int) -> None:
    if _running(child):
        with contextlib.suppress(ProcessLookupError):
            os.kill(child.pid, which)


def _gone(children: Sequence[Child], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while any(_running(child) for child in children):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def stop(process: subprocess.Popen[bytes], ending: signal.Signals, *, seconds: float = STOP_SECONDS) -> None:
    """End a program we started: `ending`, then SIGKILL when it does not follow within `seconds`."""
    if process.poll() is None:
        process.send_signal(ending)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
    process.wait()
