"""The end of a copy order as it goes onto ``copy_results`` (``schemas.copies.CopyFinished``)."""

from __future__ import annotations

from datetime import datetime

import orjson

from schemas.trades import LeaderTraded
from streams.copy_execution.answers import Answer
from streams.copy_execution.decision import Decision


def finished_json(answer: Answer) -> bytes:
    """A ``CopyFinished`` of a copy order that ended with its decision, byte for byte as the model writes it."""
    following = answer.following
    whose = (following.allocation.allocation_id, following.user_id, following.wallet, following.venue)
    return ended_at_once(answer.name, answer.message, whose, answer.decision, answer.now)


def ended_at_once(
    name: str,
    message: LeaderTraded,
    whose: tuple[str, str, str | None, str],
    decision: Decision,
    now: datetime,
) -> bytes:
    """The same of its parts; ``whose`` is allocation, user, the account's wallet, venue."""
    allocation_id, user_id, wallet, venue = whose
    return orjson.dumps(
        {
            "schema_version": 1,
            "copy_order_id": name,
            "trade_id": message.trade_id,
            "allocation_id": allocation_id,
            "user_id": user_id,
            "follower": wallet,
            "leader": message.wallet,
            "venue": venue,
            "side": message.side,
            "token_id": message.token_id,
            "state": decision.state,
            "reason": decision.reason,
            "usdc": "0",
            "shares": "0",
            "fee_usdc": "0",
            "realised_usdc": "0",
            "finished_at": now,
        },
        option=orjson.OPT_UTC_Z,
    )
