"""What waits for somebody: unknown orders, dead letters, notices, and whatever else has stood for too long."""

from __future__ import annotations

from typing import Final

import psycopg
from psycopg.rows import dict_row

from ops.doctor.finding import Finding, Notes
from ops.doctor.patient import Patient
from ops.statements import statement

# UX §6.
UNKNOWN_SECONDS: Final = 120
NOTICE_SECONDS: Final = 60
# The relay sends within a second of the commit.
OUTBOX_SECONDS: Final = 30


async def look(patient: Patient) -> list[Finding]:
    """Counts by table; the oldest of each decides."""
    notes = Notes("leftovers")
    spans = {"unknown": UNKNOWN_SECONDS, "notice": NOTICE_SECONDS, "outbox": OUTBOX_SECONDS}
    async with await psycopg.AsyncConnection.connect(
        patient.place().database_url, autocommit=True, row_factory=dict_row
    ) as connection:
        row = await (
            await connection.execute(statement("ops.doctor", "leftovers").encode(), spans)
        ).fetchone()
    assert row is not None, "a SELECT without FROM answers one row"
    if row["unknown"]:
        notes.wrong(
            f"{row['unknown']} orders are unknown for over {UNKNOWN_SECONDS} s, the oldest for "
            f"{row['oldest_unknown']:,.0f} s: their money is reserved, their exits wait",
            "polycool reconcile --execute",
        )
    if row["letters"]:
        notes.wrong(
            f"{row['letters']} dead letters, the first from {row['first_letter']:%Y-%m-%d %H:%M} UTC: "
            "positions of their wallets are unsure until each is sent again or put away",
            "polycool dlq list",
        )
    if row["notices"]:
        notes.wrong(
            f"{row['notices']} notices wait for over {NOTICE_SECONDS} s, the oldest for {row['oldest_notice']:,.0f} s: "
            "people do not know what became of their copies",
            "polycool status; is polycool bot running?",
        )
    if row["unsent"]:
        notes.wrong(
            f"{row['unsent']} messages wait in the outbox for over {OUTBOX_SECONDS} s: roles and results are not told",
            "polycool streams sends them; its log says what holds it up",
        )
    if row["stopped"]:
        notes.note(
            f"{row['stopped']} accounts buy nothing live until their audit agrees", "polycool reconcile"
        )
    for name in row["switches"]:
        shown = "polycool buys show" if name == "buys" else f"GET /v1/ops/switches/{name} tells who and why"
        notes.note(f"the switch {name} is on since an operator set it", shown)
    return notes.all("nothing unknown for long, no dead letters, no notice or message late")
