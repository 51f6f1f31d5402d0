"""Free ports on the loopback, and the ports of the last run again while they are free."""

from __future__ import annotations

import socket
from itertools import chain
from random import SystemRandom

from ops.stack.errors import StackError

LOOPBACK = "127.0.0.1"
# Below what systems hand out by themselves (32,768 onward here, 49,152 elsewhere): one of those may be anybody's
# connection in the seconds until a broker listens on it.
FIRST, BEHIND_LAST = 24_000, 32_000


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
    """A port nobody uses now. StackError when all are taken."""
    return _given_out()


def _given_out() -> int:
    """Begun anywhere, so that two stacks that start together hardly choose the same."""
    start = SystemRandom().randrange(FIRST, BEHIND_LAST)
    for port in chain(range(start, BEHIND_LAST), range(FIRST, start)):
        if is_free(port):
            return port
    raise StackError(f"no port between {FIRST} and {BEHIND_LAST} is free: name one in the settings.")


def choose(what: str, *, wanted: int | None, last: int | None) -> int:
    """`wanted` (a setting; StackError when taken), else the last run's port while free, else a free one."""
    if wanted is not None:
        if not is_free(wanted):
            raise StackError(
                f"port {wanted} for {what} is taken: end the program on it, or set another port."
            )
        return wanted
    return last if last is not None and is_free(last) else free_port()
