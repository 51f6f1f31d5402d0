"""`polycool doctor`: check this machine and what it reaches."""

from __future__ import annotations

import asyncio

import httpx

from ops.doctor.examine import examine
from ops.doctor.finding import Examination
from ops.doctor.patient import patient
from ops.exits import ANSWER_IS_NO, DONE
from ops.output import answer, say


def command() -> int:
    """Check this machine and what it reaches; each ✗ has its mend. Exit 1 on any ✗. Only looks."""
    say("looking …")
    examination = asyncio.run(_examined())
    answer(examination.as_json(), "\n".join(examination.lines()))
    return ANSWER_IS_NO if examination.wrong else DONE


async def _examined() -> Examination:
    async with httpx.AsyncClient(follow_redirects=False) as http:
        return await examine(patient(http))
