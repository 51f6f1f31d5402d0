"""Free ports on the loopback, and the ports of the last run again while they are free."""

from __future__ import annotations

import socket

from ops.stack.errors import StackError

LOOPBACK = "127.0.0.1"


def is_free(port: int) -> bool:
    """True when nothing listens on the port of the loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """A port nobody uses now."""
    return _given_out()


def _given_out() -> int:
    """The system's choice: of a moment, until the port is used."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def choose(what: str, *, wanted: int | None, last: int | None) -> int:
    """`wanted` (a setting; StackError when taken), else the last run's port while free, else a free one."""
    if wanted is not None:
        if not is_free(wanted):
            raise StackError(
                f"port {wanted} for {what} is taken: end the program on it, or set another port."
            )
        return wanted
    return last if last is not None and is_free(last) else free_port()
