"""What psycopg's pipeline hands over statement by statement, handed over in one piece (psycopg 3.3).

psycopg flushes each statement by itself, begins the transaction anew before each until it has read an answer, and goes
another time for the commit: the server is woken, answers, and sleeps, again and again, and a process that is stopped
between two of the pieces keeps its locks. Here what is asked in one trip, its commit with it, leaves at once.
"""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from psycopg import AsyncConnection, AsyncPipeline, _pipeline_async, _pipeline_base
from psycopg.generators import send
from psycopg.pq import TransactionStatus

# The text of what is taken over from psycopg, as a digest: with another text its own pipeline is used.
READ: Final = "804a9128b383eabd"
_TAKEN_OVER: Final = (
    _pipeline_base,
    _pipeline_async,
    AsyncConnection.pipeline,
    AsyncConnection._start_query,
    AsyncConnection._exec_command,
    AsyncConnection._commit_gen,
)


def known() -> bool:
    """Whether the installed psycopg is the one that was read."""
    text = "".join(inspect.getsource(part) for part in _TAKEN_OVER)
    return hashlib.sha256(text.encode()).hexdigest()[:16] == READ


KNOWN: Final = known()


class OneSend(AsyncPipeline):
    """A pipeline that hands nothing to the socket before its end, and then all of it, with one Sync behind."""

    def _communicate_gen(self) -> Iterator[Any]:  # type: ignore[override]
        yield from ()

    def _exit_gen(self) -> Iterator[Any]:  # type: ignore[override]
        self._enqueue_sync()
        while self.command_queue:
            self.command_queue.popleft()()
        yield from send(self.pgconn)
        # Reads all answers, then raises for the first statement that failed.
        yield from self._fetch_gen(flush=False)


@contextmanager
def in_one_piece(connection: AsyncConnection[Any]) -> Iterator[None]:
    """The next pipeline of this connection is one; the transaction is begun once, with its first statement."""
    own: Any = connection
    assert own._pipeline is None, "a trip within a trip"
    own._pipeline = pipeline = OneSend(connection)
    own._start_query = _nothing
    try:
        yield
    finally:
        del own._start_query
        # Who is cancelled before it began, or while psycopg waits to put it away, leaves it behind.
        if own._pipeline is pipeline and pipeline.level == 0:
            own._pipeline = None


def begin(connection: AsyncConnection[Any]) -> None:
    """Within the pipeline: begin the transaction, where none is under way and the connection does not commit itself."""
    if not connection.autocommit and connection.pgconn.transaction_status == TransactionStatus.IDLE:
        _queue(connection, connection._get_tx_start_command())


def commit(connection: AsyncConnection[Any]) -> None:
    """Within the pipeline, behind its statements: commit. Where one of them fails the server leaves this out."""
    if not connection.autocommit:
        _queue(connection, b"COMMIT")


def _queue(connection: AsyncConnection[Any], command: bytes) -> None:
    for _ in connection._exec_command(command):
        raise AssertionError("psycopg waits for nothing when it notes a command of a pipeline")


def _nothing() -> Iterator[Any]:
    yield from ()
