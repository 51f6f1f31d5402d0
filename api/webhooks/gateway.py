"""Trades by webhook: onto the topic, the broker's confirmation, then the answer, which is kept (SAFETY R22)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Final

from api.broker import BrokerAway
from api.database import NOBODY
from api.doors import Doors
from api.problems import Refused
from api.webhooks.bodies import Batch
from schemas.ops_views import Received
from schemas.trades import TradeSeen

# A broker that is being restarted is back within seconds.
RETRY_SECONDS: Final = 5


async def kept_answer(doors: Doors, webhook_id: str, body: bytes) -> Received | None:
    """The answer that this webhook got before; 409 when the same id came with another body."""
    async with doors.database.transaction(NOBODY) as transaction:
        row = await transaction.row("receipt", webhook_id=webhook_id)
    if row is None:
        return None
    if row["body_sha256"] != hashlib.sha256(body).digest():
        raise Refused("conflict", "This webhook-id came with another body before.")
    return Received.model_validate(row["answer"])


async def take(doors: Doors, webhook_id: str, body: bytes, batch: Batch) -> Received:
    """Put the trades onto the topic, then keep the answer under the webhook's id. 503 when either cannot be done; the
    id may then come again."""
    await put_on_topic(doors, batch.trades, door="webhook", refused=len(batch.refused))
    answer = Received(accepted=len(batch.trades), refused=batch.refused)
    async with doors.database.transaction(NOBODY) as transaction:
        await transaction.run(
            "keep_receipt", webhook_id=webhook_id, body_sha256=hashlib.sha256(body).digest(),
            answer=json.dumps(answer.model_dump(mode="json")),
        )  # fmt: skip
    return answer


async def put_on_topic(doors: Doors, trades: Sequence[TradeSeen], *, door: str, refused: int = 0) -> None:
    """Return once the broker has confirmed all of them; 503 with Retry-After otherwise."""
    counted = doors.metrics.webhook_trades
    counted.labels(door, "refused").inc(refused)
    try:
        await doors.trades.send([(trade.wallet, trade.encode()) for trade in trades])
    except BrokerAway as error:
        counted.labels(door, "not_confirmed").inc(len(trades))
        raise Refused(
            "unavailable", "The broker did not confirm; nothing counts as accepted, send it again.",
            retry_after=RETRY_SECONDS,
        ) from error  # fmt: skip
    counted.labels(door, "accepted").inc(len(trades))
