"""A database that goes away while the trading process starts: something is missing (3), it is no crash of ours (70)."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import psycopg
import pytest
from psycopg_pool import PoolTimeout

from streams.tables.epochs import EpochLost
from streams.trading.starting import WrongGround, starting
from streams.venues.venue import VenueFault
from tests.conftest import on_database
from tests.paper.exchange import ADMIN_TOKEN
from tests.trading.ground import KEY
from tests.trading.worker_process import WorkerProcess

MISSING = 3


def _started(fault: Exception, *, ready: bool) -> None:
    with starting() as is_ready:
        if ready:
            is_ready()
        raise fault


AWAY = psycopg.OperationalError("the connection is closed\nand more of it")


async def test_a_database_stopped_in_the_middle_of_the_start_is_missing(
    database_url: str, tmp_path: Path
) -> None:
    """It has taken its epoch and looks at the exchange's clock; meanwhile the database ends every connection and takes
    no other, as at its shutdown. What comes next of the start finds nobody."""
    name = psycopg.conninfo.conninfo_to_dict(database_url)["dbname"]

    def stop() -> None:
        with psycopg.connect(on_database(database_url, "postgres"), autocommit=True) as other:
            other.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false'.encode())
            other.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        stop()
        said = str(int(time.time())).encode()
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(said), said))
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as exchange:
        port = exchange.sockets[0].getsockname()[1]
        worker = WorkerProcess(
            {
                "POLYCOOL_DATABASE_URL": database_url,
                "POLYCOOL_KEY_ENCRYPTION_KEY": KEY,
                "POLYCOOL_PAPER_URL": f"http://127.0.0.1:{port}",
                "POLYCOOL_PAPER_ADMIN_TOKEN": ADMIN_TOKEN,
            },
            tmp_path / "trading.log",
        )
        try:
            worker.start()
            code = await asyncio.to_thread(worker.wait, 30)
        finally:
            worker.end()
    assert code == MISSING, worker.output()[-3000:]
    assert "epoch_taken" in worker.output()
    assert "the database does not answer any more" in worker.output()
    assert "Traceback" not in worker.output()


@pytest.mark.parametrize(
    "fault",
    [
        AWAY,
        PoolTimeout("nobody"),
        ExceptionGroup("loops", [AWAY]),
        ExceptionGroup("loops", [AWAY, VenueFault("down")]),
    ],
)
def test_before_it_is_ready_a_database_that_is_away_is_missing(fault: Exception) -> None:
    """Alone, from the pool, or in the group of the loops that it ended."""
    with pytest.raises(WrongGround, match="does not answer any more"):
        _started(fault, ready=False)


@pytest.mark.parametrize(
    ("fault", "ready"),
    [
        (AWAY, True),
        (ExceptionGroup("loops", [AWAY]), True),
        (EpochLost("epoch 1 is over"), False),
        (VenueFault("down"), False),
        (ValueError("ours"), False),
        (ExceptionGroup("loops", [AWAY, ValueError("ours")]), False),
    ],
)
def test_anything_else_is_a_crash(fault: Exception, ready: bool) -> None:
    """After it was ready it crashes, to be started again; a fault of ours beside it is never hidden."""
    with pytest.raises(type(fault)) as raised:
        _started(fault, ready=ready)
    assert raised.value is fault
