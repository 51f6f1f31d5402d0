"""recommend: the buys of smart traders that are shown to people. Nothing is ever traded because of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

import pydantic
import structlog

from schemas.enums import DeadLetterReason
from schemas.trades import SmartTraded
from streams.kafka.guard import DeadMessage, Handled, Received
from streams.kafka.reading import faults
from streams.smart_trader.recommending import Recommended, recommend
from streams.tables.pool import Pool
from streams.tables.smart import load_signals, store_recommended

log = structlog.get_logger()


class Recommend:
    """The stage as the guard sees it; idempotent by the wallet's number."""

    def __init__(self, pool: Pool, *, threshold_usdc: Decimal, told: Callable[[Recommended], None]) -> None:
        self._pool = pool
        self._threshold_usdc = threshold_usdc
        self._told = told

    async def handle(self, batch: Sequence[Received]) -> Handled:
        """Decide the batch in one transaction."""
        messages: list[SmartTraded] = []
        dead: list[DeadMessage] = []
        for received in batch:
            try:
                messages.append(SmartTraded.decode(received.value or b""))
            except pydantic.ValidationError as fault:
                dead.append(DeadMessage(received, DeadLetterReason.UNREADABLE, faults(fault)))
        if messages:
            async with self._pool.connection() as connection:
                signals = await load_signals(connection, messages)
                outcome = recommend(messages, signals, self._threshold_usdc)
                await store_recommended(connection, outcome, signals)
            self._told(outcome)
            _log(outcome)
        return Handled(dead=dead)


def _log(outcome: Recommended) -> None:
    for message, result, reason, usdc, _shares in outcome.decisions:
        log.info(
            "smart_trade_decided",
            trade_id=message.trade_id,
            wallet=message.wallet,
            number=message.number,
            token_id=message.token_id,
            result=result.value,
            reason=None if reason is None else reason.value,
            usdc=str(usdc),
        )
