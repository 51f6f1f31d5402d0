"""Positions by hand of resolved markets are paid out, once no order by hand is open in them (RULES §5, SAFETY R24)."""

from __future__ import annotations

import structlog

from streams.tables import bookings, hands, settlements
from streams.tables.asking import ask
from streams.tables.epochs import writing
from streams.tables.settlements import Resolved
from streams.trading.booking import settle
from streams.trading.desk import Desk
from streams.trading.lot_books import stored

_log = structlog.get_logger("trading.hand_payouts")


async def pay_by_hand(desk: Desk, token: Resolved, most: int) -> int:
    """Pay out up to so many positions by hand of a token the exchange was told the end of; how many were."""
    wanted = await hands.accounts_to_pay_out(desk.pool, token.token_id, most)
    if not wanted:
        return 0
    async with writing(desk.pool, desk.epoch) as connection:
        await bookings.lock(connection, account_ids=wanted)
        lots = [stored(row) for row in await hands.lots_by_hand(connection, wanted, token.token_id)]
        cash: list[dict[str, object]] = []
        for lot in lots:
            assert lot.held is not None, "an open lot"
            booking = settle(lot.held, token.payout)
            lot.take("payout", token.token_id, booking)
            account_id = lot.columns["account_id"]
            cash.append({"account_id": account_id, "ref": f"lot:{lot.lot_id}", "usdc": booking.cash_usdc})
        await bookings.write(connection, "update_lot", [lot.row() for lot in lots])
        entries = [entry | {"lot_id": lot.lot_id} for lot in lots for entry in lot.entries]
        await bookings.write(connection, "insert_lot_entry", entries)
        await bookings.write(connection, "insert_cash_entry", [row | {"cause": "payout"} for row in cash])
        await bookings.write(connection, "add_cash", [row for row in cash if row["usdc"]])
        await ask(connection, settlements.telling([lot.lot_id for lot in lots]))
    for lot in lots:
        _log.info(
            "paid_out", token_id=token.token_id, lot_id=lot.lot_id, account_id=lot.columns["account_id"]
        )
    return len(lots)
