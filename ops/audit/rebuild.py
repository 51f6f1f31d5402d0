"""Promise 9: the read tables made again from the topics are the same rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg

from ops.audit.report import NAMES_MAX, Check
from ops.rebuild.compare import compare
from ops.rebuild.reading import Folded, Forgotten, fold_topics
from ops.rebuild.snapshot import load
from streams.topology import TopicNames


async def rebuilt(
    connection: psycopg.AsyncConnection[Any], kafka: str, names: TopicNames, snapshot: Path | None = None
) -> Check:
    """Fold the role topics from their beginning, or from a snapshot on, and compare with the tables."""
    known = Folded() if snapshot is None else load(snapshot, names.prefix)
    try:
        folded = await fold_topics(kafka, names, known)
    except Forgotten as gap:
        return Check(9, "rebuild", {}, ran=False, why_not=str(gap))
    found = await compare(connection, folded.tables)
    counted = {"trades": found.trades, "positions": found.positions, "signals": found.signals}
    return Check(9, "rebuild", counted, len(found.differ), found.differ[:NAMES_MAX])
