"""Redrives: an operator's order to send dead letters again, carried out in steps and halted at the first repeat.

The same bytes go into the same partition of the same topic, in the order they came, one confirmed before the next, so
each wallet's stay in order. A letter is answered once the stages have handled its message and every dead letter up to
then is a row: it is one of those, or it was taken. What was redriven is as old as it was, so old news stays old
(SAFETY R17, R18). One process redrives at a time, and another goes on where it was ended.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final, NoReturn

import psycopg
import structlog

from streams.kafka.patience import LONGEST_PAUSE_SECONDS, PASSING, said
from streams.letters.inbox import Inbox, NoLetter
from streams.letters.steps import Over, SendNow, next_deed
from streams.tables import redrives
from streams.tables.pool import connection_options
from streams.tables.redrives import Connection, Run, UnderWay

log = structlog.get_logger()

# An operator waits for it: a redrive begins within half a second.
LOOK_SECONDS: Final = 0.5
WAIT_FOR_LOCK_SECONDS: Final = 1.0


class Redriver:
    """Runs until it is cancelled."""

    def __init__(
        self,
        database_url: str,
        inbox: Inbox,
        *,
        patience_seconds: float,
        crash: Callable[[BaseException], NoReturn],
    ) -> None:
        self._database_url = database_url
        self._inbox = inbox
        self._patience_seconds = patience_seconds
        self._crash = crash

    async def run(self) -> None:
        """Carry out what is asked for, for ever; a passing fault is waited out."""
        pause = LOOK_SECONDS
        while True:
            try:
                async with await self._connect() as connection:
                    pause = LOOK_SECONDS
                    await self._redrive(connection)
            except PASSING as fault:
                log.warning("redriver_retry", fault=said(fault), pause_seconds=pause)
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
            except asyncio.CancelledError:
                raise
            except BaseException as fault:
                self._crash(fault)
            finally:
                await self._inbox.close()

    async def _connect(self) -> Connection:
        return await psycopg.AsyncConnection.connect(
            self._database_url,
            autocommit=True,
            options=connection_options("streams"),
            application_name="polycool-redriver",
            connect_timeout=5,
        )

    async def _redrive(self, connection: Connection) -> None:
        while not await redrives.is_the_one(connection):  # noqa: ASYNC110 (nothing here could tell)
            await asyncio.sleep(WAIT_FOR_LOCK_SECONDS)
        while True:
            if not await self.go_on(connection):
                await asyncio.sleep(LOOK_SECONDS)

    async def go_on(self, connection: Connection) -> bool:
        """Do what there is to do now; whether something was sent or ended."""
        await self._answer(connection, await redrives.under_way(connection))
        run = await redrives.run_at_hand(connection)
        if run is None:
            await self._inbox.close()
            return False
        match next_deed(run, await redrives.letters_of(connection, run), self._patience_seconds):
            case Over(cause):
                log.info("redrive_over", redrive_id=run.redrive_id, cause=cause)
                await redrives.end(connection, run, cause)
            case SendNow(letters):
                await self._send(connection, run, SendNow(letters))
            case _:
                return False
        return True

    async def _send(self, connection: Connection, run: Run, step: SendNow) -> None:
        for letter in step.letters:
            try:
                # Said before it is done, letter by letter: what comes after one that cannot be sent was not begun.
                await redrives.begin(connection, run, [letter])
                message = await self._inbox.whole(letter)
                partition, offset = await self._inbox.send_again(letter, message, run.redrive_id)
            except psycopg.errors.CheckViolation as fault:
                await redrives.end(
                    connection, run, fault.diag.message_primary or "a letter may not be sent again"
                )
                return
            except NoLetter as none:
                log.warning("redrive_halted", redrive_id=run.redrive_id, cause=str(none))
                await redrives.unsendable(connection, letter, str(none))
                await redrives.end(connection, run, str(none))
                return
            await redrives.note_sent(connection, letter, partition, offset)
            log.info(
                "redriven",
                redrive_id=run.redrive_id,
                letter_id=letter.letter_id,
                place=f"{letter.topic}/{partition}@{offset}",
            )

    async def _answer(self, connection: Connection, sent: list[UnderWay]) -> None:
        if not sent:
            return
        handled = await self._inbox.handled({each.topic for each in sent})
        done = [each for each in sent if handled.get((each.topic, each.partition), 0) > each.offset]
        if not done:
            return
        # Letters are confirmed before their cause is acknowledged: up to here stands whatever came of what is done.
        ends = await self._inbox.ends_of_letters()
        kept = await redrives.letters_kept(connection)
        if all(kept.get(partition, -1) >= end - 1 for partition, end in ends.items()):
            await redrives.answer(connection, [each.letter_id for each in done])
