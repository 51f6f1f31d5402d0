"""Makes the broker start in half the time: its classes are read and linked beforehand, once.

`python -m ops.stack.quick_start` lets a broker run for a moment and keeps what its JVM has learnt in the virtual
environment; the set-up does so. Without that file, and with one that is damaged or of another Java, the broker starts
all the same, as slowly as before.
"""

from __future__ import annotations

import signal
import subprocess
import tempfile
from pathlib import Path

from ops.output import say
from ops.stack.archive import archive
from ops.stack.children import Children
from ops.stack.errors import StackError
from ops.stack.kafka import START_OPTIONS, Broker, BrokerPorts, classpath, java_command
from ops.stack.ports import free_port

# Writing it took 7 s on two cores; a slow disk may need a while.
WRITTEN_SECONDS = 120.0


class Learning(Broker):
    """A broker that writes down at its end what its JVM has learnt."""

    def __init__(self, directory: Path, children: Children) -> None:
        super().__init__(directory, BrokerPorts(free_port(), free_port()), children)
        self.learnt = directory / "learnt.aot"

    def running_options(self) -> list[str]:
        """As any broker's, and where to write it."""
        return [f"-XX:AOTCacheOutput={self.learnt}"]

    def end(self) -> None:
        """End in order, with the time that the writing takes."""
        self._stop(signal.SIGTERM, WRITTEN_SECONDS)


def made() -> Path | None:
    """The file, made now unless it is there; None where it cannot be had."""
    wanted = archive(java_command() + list(START_OPTIONS), classpath())
    if wanted is None or wanted.exists():
        return wanted
    with tempfile.TemporaryDirectory(prefix="polycool-") as place:
        broker = Learning(Path(place) / "kafka", Children(Path(place)))
        try:
            broker.start()
            broker.wait()
        finally:
            broker.end()
        if not broker.learnt.exists():
            return None
        # Whole or not at all: two may be at it.
        beside = wanted.with_suffix(f".{broker.ports.clients}")
        beside.write_bytes(broker.learnt.read_bytes())
        beside.chmod(0o600)
        beside.replace(wanted)
    return wanted


if __name__ == "__main__":
    try:
        if made() is None:
            say("the broker will start as slowly as its Java does: nothing could be prepared.")
    except (StackError, OSError, subprocess.SubprocessError) as fault:
        say(f"the broker's quick start was not prepared ({fault}); it starts all the same, slower.")
