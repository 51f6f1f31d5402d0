"""The audit as one call."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from ops.audit.by_rules import limits_by_hand
from ops.audit.decisions import decided_again
from ops.audit.rebuild import rebuilt
from ops.audit.report import Audit, Check
from ops.audit.secrets import keys_stay_in, known_secrets
from ops.audit.tables import table_checks
from ops.audit.topics import nothing_lost
from streams.topology import TopicNames

BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


async def run_audit(
    *,
    database_url: str,
    kafka: str,
    prefix: str = "",
    since: datetime = BEGINNING,
    rebuild: bool = False,
    snapshot: Path | None = None,
    logs: Iterable[Path] = (),
    environment: Mapping[str, str] | None = None,
) -> Audit:
    """Check every promise of DESIGN §4 on tables, topics and the venue's ledger; reads only.

    ``since`` bounds what is looked at by time; ``rebuild`` also folds the topics again and compares (promise 9), from a
    ``snapshot`` on where there is one.
    Raises ``psycopg.OperationalError`` or ``KafkaError`` when what it needs is not there.
    """
    names = TopicNames(prefix)
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as connection:
        checks = await table_checks(connection, since)
        checks.append(await decided_again(connection, since))
        checks.append(await limits_by_hand(connection, since))
        checks.append(await nothing_lost(connection, kafka, names, since))
        if rebuild:
            checks.append(await rebuilt(connection, kafka, names, snapshot))
        else:
            checks.append(Check(9, "rebuild", {}, ran=False, why_not="not run (--rebuild)"))
        checks.append(await keys_stay_in(connection, kafka, names, logs, known_secrets(environment)))
    return Audit(tuple(sorted(checks, key=lambda check: check.promise)))
