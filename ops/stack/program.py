"""One of our processes (`polycool streams`, …) as a child: started, watched, ended.

A process says that it is ready by a line of JSON on its output whose `event` is `ready`.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from ops.stack.children import Children, stop

# A log of an earlier run larger than this is begun anew.
LOG_KEPT_BYTES = 20_000_000
TAIL_LINES = 15


class Program:
    """`polycool <name>` with an environment of its own; its output goes to `<name>.log` in `directory`."""

    def __init__(
        self, name: str, environment: Mapping[str, str], directory: Path, children: Children
    ) -> None:
        self.name = name
        self.log = directory / f"{name}.log"
        self._environment = environment
        self._children = children
        self._process: subprocess.Popen[bytes] | None = None
        self._read_from = 0
        self._ready = False

    @property
    def pid(self) -> int:
        """The process id of the last start."""
        assert self._process is not None, f"{self.name} was not started"
        return self._process.pid

    def start(self) -> None:
        """Start it (again); earlier output stays in the log."""
        if self.log.exists() and self.log.stat().st_size > LOG_KEPT_BYTES:
            self.log.unlink()
        self._read_from = self.log.stat().st_size if self.log.exists() else 0
        self._ready = False
        command = [sys.executable, "-m", "ops.cli", self.name]
        self._process = self._children.start(self.name, command, log=self.log, environment=self._environment)

    def exit_code(self) -> int | None:
        """None while it runs; minus the signal's number when it was killed."""
        return None if self._process is None else self._process.poll()

    def is_ready(self) -> bool:
        """True once this start of it has said so, while it runs."""
        if self.exit_code() is not None:
            return False
        if not self._ready:
            self._ready = any(_says_ready(line) for line in self.lines())
        return self._ready

    def lines(self) -> list[str]:
        """What this start of it has written so far."""
        if not self.log.exists():
            return []
        with self.log.open("rb") as file:
            file.seek(self._read_from)
            return file.read().decode(errors="replace").splitlines()

    def tail(self) -> str:
        """The end of what it wrote, for an error's text."""
        return "\n".join(self.lines()[-TAIL_LINES:])

    def signal(self, which: signal.Signals) -> None:
        """Send it a signal (SIGSTOP, SIGCONT, …)."""
        assert self._process is not None, f"{self.name} was not started"
        self._process.send_signal(which)

    def kill(self) -> None:
        """End it as a power cut would."""
        if self._process is not None:
            stop(self._process, signal.SIGKILL)
            self._children.forget(self.name)

    def stop(self, *, seconds: float = 15.0) -> int | None:
        """End it in order (SIGTERM), by force after `seconds`. Returns its exit code."""
        if self._process is None:
            return None
        stop(self._process, signal.SIGTERM, seconds=seconds)
        self._children.forget(self.name)
        return self._process.returncode


def _says_ready(line: str) -> bool:
    if '"ready"' not in line:
        return False
    try:
        said = json.loads(line)
    except ValueError:
        return False
    return isinstance(said, dict) and said.get("event") == "ready"
