"""One writer per role: the trading worker lives, no older one still holds on, and each bot's token is polled once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

import psutil
import psycopg

from ops.doctor.finding import Finding, Notes
from ops.doctor.patient import Patient
from ops.statements import statement

# It beats every second; a database that hangs is waited for by the worker itself for longer.
SILENT_SECONDS: Final = 30.0
# Who has these in common does the same work twice.
SHARED: Final = (
    ("trading", "POLYCOOL_DATABASE_URL", "database"),
    ("bot", "POLYCOOL_TELEGRAM_TOKEN", "bot's token"),
)


async def look(patient: Patient) -> list[Finding]:
    """The newest trading worker, connections of older ones, and processes of this machine that do the same work."""
    notes = Notes("one writer")
    async with await psycopg.AsyncConnection.connect(
        patient.place().database_url, autocommit=True
    ) as connection:
        row = await (await connection.execute(statement("ops.doctor", "trading_workers").encode())).fetchone()
    told = "no trading process has run yet"
    if row is None:
        notes.note(told, "polycool trading")
    else:
        epoch, worker, silent, ready, older = row
        told = f"trading {worker} with epoch {epoch}"
        _trading(notes, told, silent, ready, older)
    for name, setting, what in SHARED:
        for found, mend in said_twice(name, setting, what, patient.environment.get(setting, "")):
            notes.wrong(found, mend)
    return notes.all(told)


def _trading(notes: Notes, told: str, silent: float, ready: bool, older: list[datetime]) -> None:
    if silent > SILENT_SECONDS:
        notes.wrong(
            f"{told} was last heard of {silent:,.0f} s ago: nothing is posted, exits wait",
            "start polycool trading",
        )
    elif not ready:
        notes.note(
            f"{told} still looks up what it does not know the end of", "polycool reconcile shows what that is"
        )
    if older:
        notes.wrong(
            f"an older trading worker still has {len(older)} connections, the first since {older[0]:%H:%M:%S} UTC: "
            "it hangs, and books nothing of what it sent",
            "end that process; this one goes on",
        )


def said_twice(name: str, setting: str, what: str, ours: str) -> list[tuple[str, str]]:
    """What to say where processes of this machine do our work twice, and the mend; other stacks are not ours."""
    count = sum(value == ours for value in shared(name, setting)) if ours else 0
    if count < 2:
        return []
    return [
        (
            f"{count} processes `polycool {name}` with one {what} run on this machine: they end each other",
            f"stop all but one of them (ps -ef | grep 'polycool {name}')",
        )
    ]


def shared(name: str, secret: str) -> Iterator[str]:
    """The secret that each process of this name runs with, as far as this user may look. Compared, never shown."""
    for process in psutil.process_iter():
        try:
            words = process.cmdline()
            if _is(words, name):
                value = process.environ().get(secret)
                if value:
                    yield value
        except (psutil.Error, OSError):
            continue


def _is(words: list[str], name: str) -> bool:
    """`polycool NAME`, or `python -m ops.cli NAME`."""
    return any(
        word == name
        and index > 0
        and (words[index - 1].endswith("/polycool") or words[index - 1] in ("polycool", "ops.cli"))
        for index, word in enumerate(words)
    )
