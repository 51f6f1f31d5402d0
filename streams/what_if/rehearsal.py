"""The leader's last buy as if it came now: the same deciding code, the follower's real books, no order. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import orjson

from schemas.base import rfc3339
from schemas.money import plain
from schemas.trades import LeaderTraded
from streams.copy_execution.answers import circumstances_of
from streams.copy_execution.decide import decide
from streams.copy_execution.decision import Decision
from streams.copy_execution.evidence import checks_json, inputs_json
from streams.copy_execution.following import Following, Surroundings


def as_now(message: LeaderTraded, now: datetime, role_version: int) -> LeaderTraded:
    """The same trade, made and seen now: a purchase of its own, which nobody has copied."""
    return message.model_copy(
        update={
            "traded_at": now,
            "appended_at": now,
            "classified_at": now,
            "burst_started_at": now,
            "order_hash": None,
            "role_version": role_version,
        }
    )


def rehearse(
    message: LeaderTraded, following: Following, around: Surroundings, last: LeaderTraded
) -> dict[str, Any]:
    """What would be decided about ``message`` (``last`` made now), as the rows of a copy order would say it."""
    seen = circumstances_of(message, around)
    allocation = following.in_force(message.role_version)
    decision = decide(seen, allocation, following.account, following.books)
    if decision is None:
        return {"trade": None}
    market = around.markets.get(message.token_id)
    return {
        "trade": {
            "trade_id": last.trade_id,
            "token_id": last.token_id,
            "source": last.source,
            "kind": last.kind,
            "size": plain(last.size),
            "price": None if last.price is None else plain(last.price),
            "usdc": None if last.usdc is None else plain(last.usdc),
            "tx_hash": last.tx_hash,
            "traded_at": rfc3339(last.traded_at),
        },
        "question": None if market is None else market.question,
        "version": following.version,
        "now": rfc3339(around.now),
        "decision": _decision(decision),
        "checks": orjson.loads(checks_json(decision)),
        "inputs": orjson.loads(inputs_json(seen, allocation, following.account, following.books)),
    }


def _decision(decision: Decision) -> dict[str, str | None]:
    sums = {
        "amount_usdc": decision.amount_usdc,
        "limit_price": decision.limit_price,
        "reserve_usdc": decision.reserve_usdc,
    }
    words = {"state": decision.state, "reason": decision.reason, "reduced_by": decision.reduced_by}
    return {
        **{name: None if value is None else plain(value) for name, value in sums.items()},
        **{name: None if value is None else str(value) for name, value in words.items()},
    }
