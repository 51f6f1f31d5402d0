"""The start of the trading process: what ends it because something is missing, and not because of a fault of ours."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from streams.trading.loops import database_away, said_of


class WrongGround(Exception):
    """Something without which nothing may be traded; the text is one sentence. Ends the process with 3."""


@contextmanager
def starting() -> Iterator[Callable[[], None]]:
    """Gives what is called once the worker is ready. A database that goes away before then is missing, as one that was
    never there: raises ``WrongGround``. After it, and for any other fault, what was raised goes on."""
    ready = False

    def is_ready() -> None:
        nonlocal ready
        ready = True

    try:
        yield is_ready
    except Exception as fault:
        if ready or not database_away(fault):
            raise
        raise WrongGround(f"the database does not answer any more: {said_of(fault)}") from fault
