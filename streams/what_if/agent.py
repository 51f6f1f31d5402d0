"""what_if: questions about the past and rehearsals, answered beside the way of a trade and never in it.

A what-if is computed by a process of its own (``child``), one at a time and bounded in time; a rehearsal is one
decision, taken here. No fault of theirs ends the process: the question says that it failed, and the way goes on.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Final

import psycopg
import psycopg_pool
import structlog

from schemas.what_if_causes import WhatIfCause
from streams.tables import what_ifs
from streams.tables.pool import Pool
from streams.tables.what_ifs import Asked
from streams.what_if.rehearsal import rehearse

log = structlog.get_logger()

# A person waits for the answer of a rehearsal; the look is one entry of an index.
LOOK_SECONDS: Final = 0.2
# Beats come each second; whoever is silent for so long is gone.
SILENT_SECONDS: Final = 30.0
BEAT_SECONDS: Final = 1.0
# Starting an interpreter and reading the trades on a busy machine, beyond the time of the computation itself.
START_SECONDS: Final = 30.0
ATTEMPTS_MAX: Final = 2
AWAY_SECONDS: Final = 1.0
# 90 days of a line of progress each quarter of a second are far less.
_LINE_BYTES: Final = 4 * 1024 * 1024


class WhatIfs:
    """Both loops. ``seconds`` bounds one what-if, ``trades_most`` what it looks at."""

    def __init__(
        self,
        pool: Pool,
        database_url: str,
        *,
        seconds: float,
        trades_most: int,
        live_sources: frozenset[str],
    ) -> None:
        self._pool = pool
        self._url = database_url
        self._seconds = seconds
        self._trades_most = trades_most
        self._live_sources = live_sources

    async def run(self) -> None:
        """Answer until cancelled."""
        await asyncio.gather(self._answer("what_if", self._past), self._answer("rehearsal", self._rehearsal))

    async def _answer(self, kind: str, answered: Callable[[Asked], Awaitable[str]]) -> None:
        while True:
            try:
                asked = await what_ifs.claim(self._pool, kind, SILENT_SECONDS)
                if asked is None:
                    await asyncio.sleep(LOOK_SECONDS)
                else:
                    await self._one(asked, answered)
            except (psycopg.OperationalError, psycopg_pool.PoolTimeout) as fault:
                log.warning("what_if_database_away", kind=kind, fault=type(fault).__name__)
                await asyncio.sleep(AWAY_SECONDS)
            except (
                Exception
            ):  # a question that cannot even be read ends no loop: the next one may be answered
                log.exception("what_if_not_taken", kind=kind)
                await asyncio.sleep(AWAY_SECONDS)

    async def _one(self, asked: Asked, answered: Callable[[Asked], Awaitable[str]]) -> None:
        try:
            if asked.attempts > ATTEMPTS_MAX:
                raise NoAnswer(WhatIfCause.BROKE)
            await what_ifs.finish(self._pool, asked.what_if_id, await answered(asked))
        except NoAnswer as none:
            await what_ifs.fail(self._pool, asked.what_if_id, none.cause, none.most_seconds)
        except (psycopg.OperationalError, psycopg_pool.PoolTimeout):
            raise
        except Exception:  # the edge of this stage: trades are copied whatever a question brings up
            log.exception("what_if_failed", what_if_id=asked.what_if_id)
            await what_ifs.fail(self._pool, asked.what_if_id, WhatIfCause.BROKE)

    async def _rehearsal(self, asked: Asked) -> str:
        stage = await what_ifs.load_stage(self._pool, asked, self._live_sources)
        if stage is None:
            return json.dumps({"trade": None})
        return json.dumps(rehearse(stage.message, stage.following, stage.around, stage.last))

    async def _past(self, asked: Asked) -> str:
        progress = 0

        async def beats() -> None:
            while True:
                await what_ifs.beat(self._pool, asked.what_if_id, progress)
                await asyncio.sleep(BEAT_SECONDS)

        beating = asyncio.create_task(beats())
        try:
            async with asyncio.timeout(self._seconds + START_SECONDS), self._child(asked) as lines:
                async for said in lines:
                    progress = said.get("progress", progress)
                    if "cause" in said:
                        raise self._no_answer(WhatIfCause(said["cause"]))
                    if "result" in said:
                        return json.dumps(said["result"])
        except TimeoutError:
            raise self._no_answer(WhatIfCause.TOO_LONG) from None
        finally:
            beating.cancel()
            with contextlib.suppress(
                asyncio.CancelledError, psycopg.OperationalError, psycopg_pool.PoolTimeout
            ):
                await beating
        raise NoAnswer(WhatIfCause.BROKE)

    def _no_answer(self, cause: WhatIfCause) -> NoAnswer:
        return NoAnswer(cause, self._seconds if cause is WhatIfCause.TOO_LONG else None)

    @contextlib.asynccontextmanager
    async def _child(self, asked: Asked) -> AsyncIterator[AsyncIterator[dict[str, Any]]]:
        """A process that answers it; ended with the block, whatever happens."""
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "streams.what_if.child",
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=_LINE_BYTES,
        )  # fmt: skip
        assert child.stdin is not None
        assert child.stdout is not None
        # The address of the database goes by a pipe: arguments and environments can be read by others.
        told = {"url": self._url, "seconds": self._seconds, "most": self._trades_most, "asked": list(asked)}
        try:
            child.stdin.write(json.dumps(told, default=str).encode() + b"\n")
            await child.stdin.drain()
            yield _lines(child.stdout)
        finally:
            if child.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    child.kill()
            await child.wait()


class NoAnswer(Exception):
    """The question has no answer; ``most_seconds``: how long it might take, where that is why."""

    def __init__(self, cause: WhatIfCause, most_seconds: float | None = None) -> None:
        super().__init__(cause)
        self.cause = cause
        self.most_seconds = most_seconds


async def _lines(stream: asyncio.StreamReader) -> AsyncIterator[dict[str, Any]]:
    while line := await stream.readline():
        said: dict[str, Any] = json.loads(line)
        yield said
