"""The end of a copy order as it goes onto ``copy_results`` (``schemas.copies.CopyFinished``)."""

from __future__ import annotations

import orjson

from streams.copy_execution.answers import Answer


def finished_json(answer: Answer) -> bytes:
    """A ``CopyFinished`` of a copy order that ended with its decision, byte for byte as the model writes it."""
    message, following, decision = answer.message, answer.following, answer.decision
    return orjson.dumps(
        {
            "schema_version": 1,
            "copy_order_id": answer.name,
            "trade_id": message.trade_id,
            "allocation_id": following.allocation.allocation_id,
            "user_id": following.user_id,
            "follower": following.wallet,
            "leader": message.wallet,
            "venue": following.venue,
            "side": message.side,
            "token_id": message.token_id,
            "state": decision.state,
            "reason": decision.reason,
            "usdc": "0",
            "shares": "0",
            "fee_usdc": "0",
            "realised_usdc": "0",
            "finished_at": answer.now,
        },
        option=orjson.OPT_UTC_Z,
    )
