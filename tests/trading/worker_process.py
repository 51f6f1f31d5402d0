"""The trading process as a child of a test: to be killed at any moment, and started again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

_RUN = (
    "from streams.trading.settings import TradingSettings\n"
    "from streams.trading.worker import run\n"
    "run(TradingSettings())\n"
)


class WorkerProcess:
    """Our process without the command's look at the broker, which trading itself never speaks to."""

    def __init__(self, environment: Mapping[str, str], log: Path) -> None:
        self.log = log
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        self._environment = kept | dict(environment) | {"PYTHONUNBUFFERED": "1"}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it (again); its output is added to the log."""
        with self.log.open("ab") as file:
            self._process = subprocess.Popen(
                [sys.executable, "-c", _RUN], env=self._environment, stdout=file, stderr=file
            )

    def exit_code(self) -> int | None:
        """None while it runs."""
        return None if self._process is None else self._process.poll()

    def signal(self, which: signal.Signals) -> None:
        """Send it a signal."""
        assert self._process is not None, "the worker was not started"
        self._process.send_signal(which)

    def kill(self) -> None:
        """End it as a power cut would."""
        self.signal(signal.SIGKILL)
        self.wait()

    def wait(self, seconds: float = 20) -> int:
        """Its exit code, once it has ended."""
        assert self._process is not None, "the worker was not started"
        return self._process.wait(seconds)

    def end(self) -> None:
        """End it by force, if it still runs."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGCONT)
            self._process.kill()
            self._process.wait()

    def output(self) -> str:
        """All it has written so far."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""
