"""Lots of resolved markets are paid out, once none of their orders is open (RULES §5, SAFETY R24)."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

import structlog

from streams.tables import bookings, settlements
from streams.tables.asking import ask
from streams.tables.epochs import writing
from streams.tables.settlements import Resolved
from streams.trading.booking import settle
from streams.trading.bookkeeper import follow_up
from streams.trading.desk import Desk
from streams.trading.hand_payouts import pay_by_hand
from streams.trading.lot_books import LotBook, stored
from streams.trading.markets_told import MarketsTold

_log = structlog.get_logger("trading.payouts")
# Tokens per pass, and lots per transaction: each holds its allocations' locks for some 30 ms.
_TOKENS: Final = 20
_LOTS: Final = 200


class Payouts:
    """The paper exchange pays its holders when it is told of the end; then our lots get the same."""

    def __init__(self, desk: Desk, told: MarketsTold) -> None:
        self._desk = desk
        self._told = told
        self._resolved: set[str] = set()
        self._rested: set[str] = set()

    async def pay(self) -> None:
        """One pass over resolved tokens. Raises ``VenueFault`` while the exchange cannot be told."""
        held = await settlements.to_pay_out(self._desk.pool, _TOKENS)
        for token in held:
            await self._tell(token)
            for _ in range(_LOTS):
                if not await self._pay_some(token):
                    break
            await pay_by_hand(self._desk, token, _LOTS)
        known = await settlements.resolved(self._desk.pool)
        fresh = [token for token in known if token.token_id not in self._rested][:_TOKENS]
        for token in {token.token_id: token for token in (*held, *fresh)}.values():
            await self._pay_rest(token)
            self._rested.add(token.token_id)

    async def _tell(self, token: Resolved) -> None:
        if token.token_id in self._resolved:
            return
        payouts = await settlements.payouts_of_market(self._desk.pool, token.market_id)
        await self._told.tell({name: version for name, (_, version) in payouts.items()})
        await self._desk.paper.resolve(
            token.market_id, {name: payout for name, (payout, _) in payouts.items()}
        )
        self._resolved |= payouts.keys()
        _log.info("market_resolved", market_id=token.market_id, tokens=len(payouts))

    async def _pay_some(self, token: Resolved) -> bool:
        """Pay up to so many lots; whether there may be more."""
        wanted = await settlements.allocations_to_pay_out(self._desk.pool, token.token_id, _LOTS)
        if not wanted:
            return False
        async with writing(self._desk.pool, self._desk.epoch) as connection:
            locked = await bookings.lock(connection, allocation_ids=wanted)
            ready = await settlements.at_rest(connection, locked, token.token_id)
            lots = await bookings.load_lots(connection, ready, [token.token_id] * len(ready))
            paid = [(stored(lot), lot.account_id) for lot in lots]
            cash: dict[str, Decimal] = {}
            entries: list[dict[str, object]] = []
            for lot, account_id in paid:
                usdc = _settle(lot, token)
                cash[account_id] = cash.get(account_id, Decimal(0)) + usdc
                entries.append(
                    {"account_id": account_id, "cause": "payout", "ref": f"lot:{lot.lot_id}", "usdc": usdc}
                )
            await bookings.write(connection, "update_lot", [lot.row() for lot, _ in paid])
            await bookings.write(
                connection,
                "insert_lot_entry",
                [entry | {"lot_id": lot.lot_id} for lot, _ in paid for entry in lot.entries],
            )
            await bookings.write(connection, "insert_cash_entry", entries)
            await bookings.write(connection, "add_cash", _cash_rows(cash))
            told = settlements.telling([lot.lot_id for lot, _ in paid])
            await follow_up(connection, told, locked, self._desk.now(), self._desk.decide_waiting)
        self._desk.figures.payouts.inc(len(paid))
        for lot, account_id in paid:
            _log.info("paid_out", token_id=token.token_id, lot_id=lot.lot_id, account_id=account_id)
        return len(wanted) == _LOTS and bool(paid)

    async def _pay_rest(self, token: Resolved) -> None:
        async with writing(self._desk.pool, self._desk.epoch) as connection:
            rests = await settlements.dust_to_pay_out(connection, token.token_id, token.payout)
            if not rests:
                return
            await self._tell(token)
            await bookings.lock(connection, account_ids=[account_id for account_id, _ in rests])
            rests = await settlements.dust_to_pay_out(connection, token.token_id, token.payout)
            await bookings.write(
                connection,
                "insert_cash_entry",
                [
                    {
                        "account_id": account_id,
                        "cause": "payout",
                        "ref": f"rest:{token.token_id}:{account_id}",
                        "usdc": usdc,
                    }
                    for account_id, usdc in rests
                ],
            )
            await bookings.write(connection, "add_cash", _cash_rows(dict(rests)))
            # What was lacking was not paid for, and will never be there: with the market the debt has ended.
            settled = [account_id for account_id, usdc in rests if usdc < 0]
            named = [{"account_id": account_id, "token_id": token.token_id} for account_id in settled]
            await ask(connection, [("trading/settle_shortfalls", each) for each in named])


def _settle(lot: LotBook, token: Resolved) -> Decimal:
    assert lot.held is not None, "an open lot"
    booking = settle(lot.held, token.payout)
    lot.take("payout", token.token_id, booking)
    return booking.cash_usdc


def _cash_rows(cash: dict[str, Decimal]) -> list[dict[str, object]]:
    return [{"account_id": account_id, "usdc": usdc} for account_id, usdc in sorted(cash.items()) if usdc]
