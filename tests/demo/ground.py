"""A place for demos of tests, and a way to see that nothing of them is left running."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from ops.stack.ports import free_port


class Demos:
    """Runs commands in a stack directory of their own."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.environment = {
            **{name: text for name, text in os.environ.items() if not name.startswith("POLYCOOL_")},
            "POLYCOOL_STACK_DIR": str(place),
            # The usual ports are for whoever else begins something here at the same moment.
            "POLYCOOL_API_PORT": str(free_port()),
            "POLYCOOL_PAPER_PORT": str(free_port()),
        }
        self._started: list[subprocess.Popen[bytes]] = []

    def start(self, *words: str, **more: object) -> subprocess.Popen[bytes]:
        """Start a command; ended with the block at the latest."""
        streams: dict[str, object] = {
            "stdin": subprocess.DEVNULL,
            "stdout": subprocess.PIPE,
            "stderr": subprocess.PIPE,
        }
        command = [sys.executable, "-m", "ops.cli", *words]
        process = subprocess.Popen(command, env=self.environment, **(streams | more))  # type: ignore[call-overload]
        assert isinstance(process, subprocess.Popen)
        self._started.append(process)
        return process

    def run(self, *words: str, timeout: float = 240.0) -> tuple[int, str, str]:
        """Run a command to its end: exit code, standard output, standard error."""
        process = self.start(*words)
        try:
            out, err = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.terminate()
            _, err = process.communicate(timeout=60)
            raise AssertionError(
                f"{' '.join(words)} did not end within {timeout} s:\n{err.decode()}"
            ) from None
        return process.returncode, out.decode(), err.decode()

    def running(self) -> list[str]:
        """What still runs for this place: brokers, databases, our processes."""
        found = []
        for process in psutil.process_iter():
            try:
                words = process.cmdline()
                if str(self.place) in " ".join(words) or _place_of(process).startswith(str(self.place)):
                    found.append(" ".join(words)[:200])
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                continue
        return found

    def close(self) -> None:
        """End commands that a failed test left."""
        for process in self._started:
            with process:
                if process.poll() is None:
                    process.terminate()
                    try:
                        process.wait(40)
                    except subprocess.TimeoutExpired:
                        process.kill()


def _place_of(process: psutil.Process) -> str:
    return str(process.environ().get("POLYCOOL_STACK_DIR", ""))


@contextmanager
def demos() -> Iterator[Demos]:
    """A place for demos that Postgres may enter, removed afterwards."""
    place = Path(tempfile.mkdtemp(prefix="polycool-demo-tests-"))
    place.chmod(0o755)
    found = Demos(place)
    try:
        yield found
    finally:
        found.close()
        shutil.rmtree(place, ignore_errors=True)
