"""The paper exchange as a process, forked from one that is loaded already (``fork_server``)."""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from signal import SIGKILL, SIGTERM, Signals
from typing import Any

from ops.stack.program import Program


class ForkServer:
    """The loaded process; one for all tests of a run."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.paper.fork_server"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def ask(self, **request: Any) -> Any:
        """One request and its answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def end(self) -> None:
        """End it, and with it what it has forked."""
        self._process.communicate()


@cache
def fork_server() -> ForkServer:
    """This run's fork server, started when the first exchange is."""
    server = ForkServer()
    atexit.register(server.end)
    return server


class ForkedPaper(Program):
    """``polycool paper`` like any ``Program``, but forked; it is killed when this test run is."""

    def __init__(self, environment: Mapping[str, str], directory: Path) -> None:
        self.name = "paper"
        self.log = directory / "paper.log"
        self._environment = environment
        self._read_from = 0
        self._ready = False
        self._pid: int | None = None
        self._code: int | None = None

    @property
    def pid(self) -> int:
        """The process id of the last start."""
        assert self._pid is not None, "paper was not started"
        return self._pid

    def start(self) -> None:
        """Start it (again); earlier output stays in the log."""
        self._read_from = self.log.stat().st_size if self.log.exists() else 0
        self._ready, self._code = False, None
        self._pid = fork_server().ask(start=dict(self._environment), log=str(self.log))

    def exit_code(self) -> int | None:
        """None while it runs; minus the signal's number when it was killed."""
        if self._pid is not None and self._code is None:
            self._code = fork_server().ask(ended=self._pid)
        return self._code

    def signal(self, which: Signals) -> None:
        """Send it a signal, while it runs."""
        if self.exit_code() is None:
            os.kill(self.pid, which)

    def kill(self) -> None:
        """End it as a power cut would."""
        self._end(SIGKILL, 10.0)

    def stop(self, *, seconds: float = 15.0) -> int | None:
        """End it in order (SIGTERM), by force after `seconds`. Returns its exit code."""
        self._end(SIGTERM, seconds)
        return self._code

    def _end(self, which: Signals, seconds: float) -> None:
        if self._pid is None:
            return
        self.signal(which)
        deadline = time.monotonic() + seconds
        while self.exit_code() is None:
            if time.monotonic() > deadline:
                self.signal(SIGKILL)
            time.sleep(0.005)
