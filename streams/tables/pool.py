"""The door to Postgres: one pool per process, each connection with the rights of the process' role."""

from __future__ import annotations

from typing import Final, Literal

from psycopg import AsyncConnection, InterfaceError
from psycopg.pq import PipelineStatus
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool

Role = Literal["streams", "trading", "api", "paper"]
Pool = AsyncConnectionPool[AsyncConnection[TupleRow]]

# A lock or a statement that takes longer is a fault of the other side: the guard tries again.
LOCK_MS: Final = 8_000
STATEMENT_MS: Final = 15_000
# A worker that hangs inside a transaction must not hold its locks for ever.
IDLE_TRANSACTION_MS: Final = 30_000
CONNECT_SECONDS: Final = 5
# How long a stage waits for a free connection before that counts as a fault.
WAIT_SECONDS: Final = 5.0

# Our statements look up a few rows by key, in tables that grow by thousands of rows between two looks of the
# statistics' collector: planned for what a table was a minute ago they read it whole. One plan by index, made once.
PLANNING: Final = {
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "plan_cache_mode": "force_generic_plan",
    "jit": "off",
}


def connection_options(role: Role) -> str:
    """The `options` of a connection: the rights of `polycool_<role>` and the time limits, no more."""
    settings = {
        "role": f"polycool_{role}",
        "lock_timeout": str(LOCK_MS),
        "statement_timeout": str(STATEMENT_MS),
        "idle_in_transaction_session_timeout": str(IDLE_TRANSACTION_MS),
        "timezone": "UTC",
        **PLANNING,
    }
    return " ".join(f"-c {name}={value}" for name, value in settings.items())


async def left_as_found(connection: AsyncConnection[TupleRow]) -> None:
    """A connection goes back as it came, or not at all: raises InterfaceError, for which the pool closes it.

    Who is cancelled in the middle of a pipeline (a rebalance does that) may leave its connection in pipeline mode,
    idle by its looks; the next one's COPY then fails for a fault that is not its message's.
    """
    if connection.pgconn.pipeline_status != PipelineStatus.OFF:
        raise InterfaceError("the connection was left in pipeline mode")


async def open_pool(url: str, role: Role, *, max_size: int = 8, min_size: int = 2) -> Pool:
    """An open pool whose connections act as `polycool_<role>`; each `connection()` block is one transaction.

    Raises psycopg.OperationalError (PoolTimeout) when the database does not answer. The caller closes it.
    """
    pool: Pool = AsyncConnectionPool(
        url,
        min_size=min(min_size, max_size),
        max_size=max_size,
        timeout=WAIT_SECONDS,
        open=False,
        reset=left_as_found,
        name=f"polycool-{role}",
        kwargs={
            "options": connection_options(role),
            "application_name": f"polycool-{role}",
            "connect_timeout": CONNECT_SECONDS,
        },
    )
    await pool.open(wait=True, timeout=CONNECT_SECONDS * 2.0)
    return pool
