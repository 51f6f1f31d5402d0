"""`polycool up` in a terminal: the live picture, its keys, and the terminal as it was afterwards."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from ops.stack.ports import free_port

START_SECONDS = 120.0


class Terminal:
    """A program with a terminal of its own."""

    def __init__(self, *words: str, environment: dict[str, str]) -> None:
        ours, theirs = pty.openpty()
        os.set_blocking(ours, False)
        self._ours, self.shown = ours, ""
        self.program = subprocess.Popen(
            words, stdin=theirs, stdout=theirs, stderr=theirs, env=environment, start_new_session=True
        )
        os.close(theirs)

    def until(self, seen: Callable[[str], bool], seconds: float) -> None:
        """Read on until this is on the screen."""
        until = time.monotonic() + seconds
        while not seen(self.shown):
            assert time.monotonic() < until, " ".join(self.shown.split())[-3_000:]
            if select.select([self._ours], [], [], 0.2)[0]:
                try:
                    self.shown += os.read(self._ours, 65_536).decode(errors="replace")
                except OSError:
                    assert seen(self.shown), self.shown[-2_000:]

    def press(self, key: str) -> None:
        """Press a key."""
        os.write(self._ours, key.encode())

    def end(self) -> int:
        """How the program ended, once its terminal has nothing more."""
        until = time.monotonic() + 60
        while self.program.poll() is None and time.monotonic() < until:
            if select.select([self._ours], [], [], 0.2)[0]:
                try:
                    self.shown += os.read(self._ours, 65_536).decode(errors="replace")
                except OSError:
                    break
        code = self.program.wait(10)
        os.close(self._ours)
        return code


def test_up_shows_what_goes_on_and_ends_with_q(place: Path) -> None:
    """Stages, copies and promises are on the screen; s stops the buys for everybody; q ends everything with 0."""
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | {
        "TERM": "xterm",
        "COLUMNS": "160",
        "LINES": "45",
        "POLYCOOL_STACK_DIR": str(place),
        "POLYCOOL_API_PORT": str(free_port()),
        "POLYCOOL_PAPER_PORT": str(free_port()),
    }
    terminal = Terminal(sys.executable, "-m", "ops.cli", "up", environment=environment)
    try:
        terminal.until(lambda shown: "polycool up" in shown and "copy_execution" in shown, START_SECONDS)
        terminal.until(lambda shown: "buys allowed" in shown and "bought twice" in shown, 20)
        terminal.press("s")
        terminal.until(lambda shown: "buys stopped" in shown, 20)
        terminal.press("q")
        assert terminal.end() == 0
    finally:
        terminal.program.kill()
        terminal.program.wait()
    assert "Traceback" not in terminal.shown
