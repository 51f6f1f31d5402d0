"""Promise 4: every decision made again from its stored inputs is the same, and over no limit."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import psycopg

from ops.audit.again import Stored, decided, outcome_of, outcome_then
from ops.audit.report import NAMES_MAX, Check
from ops.statements import statement
from schemas.allocations import AllocationSettings

# Rows held at a time; all of a long history would not fit.
CHUNK: Final = 2_000


async def decided_again(connection: psycopg.AsyncConnection[Any], since: datetime) -> Check:
    """Read every stored decision with its inputs and make it once more."""
    total = 0
    differ: list[str] = []
    known: dict[str, AllocationSettings] = {}
    async with connection.transaction(), connection.cursor(name="decisions") as cursor:
        cursor.itersize = CHUNK
        await cursor.execute(statement("ops.audit", "decisions").encode(), {"since": since})
        async for row in cursor:
            stored = Stored(*row)
            total += 1
            sentence = _difference(stored, known)
            if sentence is not None:
                differ.append(f"{stored.copy_order_id}: {sentence}")
    return Check(
        4,
        "decided again",
        {"decisions": total, "differ": len(differ)},
        len(differ),
        tuple(differ[:NAMES_MAX]),
    )


def _difference(stored: Stored, known: dict[str, AllocationSettings]) -> str | None:
    settings = known.get(stored.settings)
    if settings is None:
        settings = known[stored.settings] = AllocationSettings.model_validate_json(stored.settings)
    decision = decided(stored, settings)
    if decision is None:
        return "decided again, it yields no copy order"
    now, then = outcome_of(decision), outcome_then(stored)
    if now == then:
        return None
    fields = [name for name, a, b in zip(now._fields, now, then, strict=True) if a != b]
    return f"decided again, it differs in {', '.join(fields)}"
