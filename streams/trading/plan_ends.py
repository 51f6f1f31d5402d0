"""Copy orders that end without an order of theirs: what is written and told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import TupleRow, dict_row

from schemas.copies import CopyFinished
from schemas.money import plain
from streams.tables import bookings
from streams.tables.queries import query
from streams.topology import COPY_RESULTS
from streams.trading.terms import PlanEnd


async def end_plans(
    connection: AsyncConnection[TupleRow], ends: Sequence[PlanEnd], now: datetime
) -> list[dict[str, Any]]:
    """End waiting and planned copy orders whose allocations the caller has locked; those that went on stay."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(
            query("trading/end_plans"),
            {
                "copy_order_id": [each.copy_order_id for each in ends],
                "state": [each.state.value for each in ends],
                "reason": [each.reason.value if each.reason else None for each in ends],
                "reject_reason": [each.reject_reason.value if each.reject_reason else None for each in ends],
                "cause": [each.cause for each in ends],
            },
        )
        ended = await cursor.fetchall()
    await bookings.write(
        connection, "insert_outbox", [_message(row, now) for row in ended if row["follower"] is not None]
    )
    await bookings.write(connection, "insert_notification", [_notice(row) for row in ended])
    return ended


def _message(row: dict[str, Any], now: datetime) -> dict[str, object]:
    finished = CopyFinished(
        copy_order_id=row["copy_order_id"],
        trade_id=row["trade_id"],
        allocation_id=row["allocation_id"],
        user_id=row["user_id"],
        follower=row["follower"],
        leader=row["leader"],
        venue=row["venue"],
        side=row["side"],
        token_id=row["token_id"],
        state=row["state"],
        reason=row["reason"],
        reject_reason=row["reject_reason"],
        usdc=row["filled_usdc"],
        shares=row["filled_shares"],
        fee_usdc=row["fee_usdc"],
        realised_usdc=row["realised_usdc"],
        finished_at=now,
    )
    return {"topic": COPY_RESULTS.name, "key": finished.follower, "value": finished.encode()}


def _notice(row: dict[str, Any]) -> dict[str, object]:
    body = {
        name: row[name] for name in ("copy_order_id", "allocation_id", "side", "token_id", "state", "reason")
    }
    body |= {
        "reject_reason": row["reject_reason"],
        "shares": plain(row["filled_shares"]),
        "usdc": plain(row["filled_usdc"]),
    }
    return {
        "user_id": row["user_id"],
        "kind": f"copy_{row['state']}",
        "event": row["copy_order_id"],
        "body": body,
    }
