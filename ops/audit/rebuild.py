"""Promise 9: the read tables made again from the topics are the same rows."""

from __future__ import annotations

from typing import Any

import psycopg

from ops.audit.report import NAMES_MAX, Check
from ops.rebuild.compare import compare, from_topics
from ops.rebuild.fold import Tables
from streams.topology import TopicNames


async def rebuilt(connection: psycopg.AsyncConnection[Any], kafka: str, names: TopicNames) -> Check:
    """Fold the role topics from their beginning and compare with the tables."""
    found = await compare(connection, await from_topics(kafka, names, Tables()))
    counted = {"trades": found.trades, "positions": found.positions, "signals": found.signals}
    return Check(9, "rebuild", counted, len(found.differ), found.differ[:NAMES_MAX])
