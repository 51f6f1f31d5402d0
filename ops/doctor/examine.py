"""All checks side by side; one that cannot be made says why, and holds up no other."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, NamedTuple

from ops.doctor import (
    bot,
    broker,
    clocks,
    consumers,
    database,
    exchange,
    growth,
    leftovers,
    machine,
    packages,
    secrets_files,
    settings,
    told_roles,
    wallets,
    webhook,
    workers,
)
from ops.doctor.finding import Examination, Finding, Mark
from ops.doctor.patient import Patient
from ops.failures import explained

# Nobody waits longer for a doctor; what has not answered by then is itself a finding.
CHECK_SECONDS: Final = 12.0
Look = Callable[[Patient], Awaitable[list[Finding]]]


class Check(NamedTuple):
    """A check by the name it is shown under, and the parts it asks."""

    name: str
    look: Look
    needs: frozenset[str] = frozenset()


_DATABASE: Final = frozenset({"database"})
_BOTH: Final = frozenset({"database", "broker"})
CHECKS: Final[Sequence[Check]] = (
    Check("python", packages.python),
    Check("packages", packages.packages),
    Check("settings", settings.look),
    Check("secrets", secrets_files.look),
    Check("clock", clocks.look),
    Check("disk", machine.disk),
    Check("memory", machine.memory),
    Check("ports", machine.ports),
    Check("engine", machine.engine),
    Check("broker", broker.broker, frozenset({"broker"})),
    Check("topics", broker.topics, _BOTH),
    Check("consumers", consumers.look, _BOTH),
    Check("database", database.tables, _DATABASE),
    Check("roles", database.roles, _DATABASE),
    Check("told roles", told_roles.look, _BOTH),
    Check("one writer", workers.look, _DATABASE),
    Check("exchange", exchange.look),
    Check("wallets", wallets.look, _DATABASE),
    Check("bot", bot.look),
    Check("webhook", webhook.look),
    Check("leftovers", leftovers.look, _DATABASE),
    Check("growth", growth.look, _BOTH),
)


async def examine(patient: Patient, checks: Sequence[Check] = CHECKS) -> Examination:
    """Make all checks. Raises nothing that a check meets: it is a finding."""
    began = time.monotonic()
    away = await _away(patient)
    found = await asyncio.gather(*(_made(check, patient, away) for check in checks))
    return Examination([finding for each in found for finding in each], time.monotonic() - began)


async def _made(check: Check, patient: Patient, away: dict[str, str]) -> list[Finding]:
    for part in sorted(check.needs & away.keys()):
        # Named and away is a fault of that part; what only needs it is not looked at.
        if part == check.name and patient.ground() is not None:
            return [_failed(check, away[part])]
        return [Finding(check.name, Mark.NOTE, f"not looked at: {away[part]}")]
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            return await check.look(patient)
    except TimeoutError:
        return [_failed(check, f"did not end within {CHECK_SECONDS:g} s")]
    except Exception as error:  # a check that fails is a finding like any other: it holds up none of the rest
        return [_failed(check, explained(error) or f"could not be made: {type(error).__name__}: {error}")]


def _failed(check: Check, why: str) -> Finding:
    return Finding(check.name, Mark.WRONG, why, "mend that part, then ask again")


async def _away(patient: Patient) -> dict[str, str]:
    """Parts that do not answer, with the reason: what needs them is not looked at."""
    place = patient.ground()
    if place is None:
        return dict.fromkeys(("broker", "database"), "no broker and no database are named, and none run here")
    away: dict[str, str] = {}
    if (silent := await broker.silence(place.kafka)) is not None:
        away["broker"] = silent
    if not await database.answers(place.database_url):
        away["database"] = "the database does not answer"
    return away
