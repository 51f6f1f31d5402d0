"""Withdrawals of live accounts: signed once from their own row, sent as stored, ended by proof (SAFETY R25).

A row with the bytes stands before anything is sent, and only those bytes are sent. What an answer does not tell is
proven by the relayer, the wallet's nonce and its money. Done ones leave the cash, refused ones give the money free.
"""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

import structlog
from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from schemas.enums import Venue as VenueName
from schemas.money import EXACT, ZERO, plain
from schemas.withdrawal_causes import WithdrawalCause
from streams.tables import audits, bookings, withdrawals
from streams.tables.epochs import writing
from streams.tables.withdrawals import OpenWithdrawal, SignedWithdrawal, WithdrawalAsked, WithdrawalNote
from streams.trading.desk import Desk
from streams.trading.signing_rule import SignRefusal, Withdrawal, withdrawal_refusal
from streams.trading.withdrawal_rules import Look, Step, next_step
from streams.venues.redemptions import DEADLINE_SECONDS, CannotRedeem, Turn
from streams.venues.relayer import Progress, Relayer, SubmitAnswer, Taken
from streams.venues.venue import Venue, VenueFault
from streams.venues.wallets import DEPOSIT_WALLET, TradingWallet
from streams.venues.withdrawals import withdrawal_body

_log = structlog.get_logger("trading.withdrawing")
# The relayer takes 25 submissions a minute (polymarket.md §2.7).
_MOST: Final = 20
# The chain's clock may be behind ours by some blocks before a deadline counts as passed.
_EXPIRY_MARGIN_SECONDS: Final = 60.0
_WHY: Final = {
    SignRefusal.ADDRESS: WithdrawalCause.ADDRESS,
    SignRefusal.STATE: WithdrawalCause.ADDRESS_GONE,
    SignRefusal.AMOUNT: WithdrawalCause.NOT_FREE,
}


class Withdrawing:
    """One pass signs what was asked for, sends what is signed, and looks after what was sent."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._due_at: dict[str, float] = {}

    async def carry_out(self) -> None:
        """One pass."""
        venue, relayer = self._desk.venues.get(VenueName.POLYMARKET), self._desk.relayer
        if venue is None:
            return
        for each in await withdrawals.open_ones(self._desk.pool, _EXPIRY_MARGIN_SECONDS, _MOST):
            if relayer is not None:
                await self._look_after(each, venue, relayer)
        for withdrawal_id, account_id in await withdrawals.asked_ones(self._desk.pool, _MOST):
            if relayer is None:
                await self._give_up(withdrawal_id, account_id, WithdrawalCause.NOT_POSSIBLE)
            else:
                await self._sign(withdrawal_id, account_id, venue, relayer)

    async def _sign(self, withdrawal_id: str, account_id: str, venue: Venue, relayer: Relayer) -> None:
        """Sign under the account's lock, from the row as it is there, and store the bytes with it."""
        wallet = (await self._desk.keyring.wallets([account_id])).get(account_id)
        if wallet is None:
            return
        try:
            nonce, relay = await relayer.nonce(wallet)
            there = (await venue.balance(wallet)).amount
            left = await self._left(wallet, venue)
        except VenueFault as fault:
            _log.warning("withdrawal_not_signed", withdrawal_id=withdrawal_id, fault=str(fault))
            return
        except CannotRedeem as refusal:
            await self._give_up(withdrawal_id, account_id, str(refusal))
            return
        if left is None:
            return  # the account is not at rest: in some seconds its orders are settled
        if left:
            # After a restore, say: this may be the very withdrawal that the tables forgot (SAFETY R19).
            await self._give_up(withdrawal_id, account_id, WithdrawalCause.BOOKS_DIFFER)
            return
        async with writing(self._desk.pool, self._desk.epoch) as connection:
            await bookings.lock(connection, account_ids=[account_id])
            row = await withdrawals.to_sign(connection, withdrawal_id)
            if row is None or row.busy:
                return  # another transaction of this wallet is under way: its nonce is the one that counts
            refusal_of_ours = withdrawal_refusal(_ruled(row), wallet, row.now)
            if refusal_of_ours is not None:
                _log.error("withdrawal_refused", withdrawal_id=withdrawal_id, why=refusal_of_ours.value)
                cause = _WHY.get(refusal_of_ours, f"our own signer refused: {refusal_of_ours.value}")
                await _end(connection, row, WithdrawalNote(withdrawal_id, "refused", cause))
                return
            if there < row.usdc:
                # What a sale brought may be on its way to the chain; somebody else may have moved it (the audit tells).
                if row.asked_seconds_ago > self._desk.settings.redeem_patience_seconds:
                    cause = WithdrawalCause.NOT_THERE
                    await _end(connection, row, WithdrawalNote(withdrawal_id, "refused", cause))
                return
            deadline = int(self._desk.now().timestamp()) + DEADLINE_SECONDS
            mortal = wallet.signature_type == DEPOSIT_WALLET
            signed = SignedWithdrawal(
                withdrawal_id,
                nonce,
                datetime.fromtimestamp(deadline, UTC) if mortal else None,
                withdrawal_body(row.address, row.usdc, wallet, Turn(nonce, relay, deadline)),
            )
            await withdrawals.store(connection, self._desk.epoch, signed)
        _log.info("withdrawal_signed", withdrawal_id=withdrawal_id)

    async def _give_up(self, withdrawal_id: str, account_id: str, cause: str) -> None:
        """End what was never signed."""
        async with writing(self._desk.pool, self._desk.epoch) as connection:
            await bookings.lock(connection, account_ids=[account_id])
            row = await withdrawals.to_sign(connection, withdrawal_id)
            if row is not None:
                await _end(connection, row, WithdrawalNote(withdrawal_id, "refused", cause))

    async def _look_after(self, under_way: OpenWithdrawal, venue: Venue, relayer: Relayer) -> None:
        wallet = (await self._desk.keyring.wallets([under_way.account_id])).get(under_way.account_id)
        if wallet is None or not self._is_due(under_way):
            return
        try:
            look, learnt = await self._look(under_way, wallet, venue, relayer)
        except VenueFault as fault:
            _log.warning("withdrawal_not_seen", withdrawal_id=under_way.withdrawal_id, fault=str(fault))
            return
        step = next_step(look, self._desk.settings.redeem_again_seconds)
        if step is Step.SEND:
            await self._send(under_way, relayer)
        elif step is Step.DONE:
            await self._book(under_way, replace(learnt, state="done", cause=WithdrawalCause.DONE))
        elif step is Step.REFUSED:
            cause = WithdrawalCause.NEVER_SENT if look.posts == 0 else WithdrawalCause.NEVER_RAN
            await self._refuse(under_way, replace(learnt, state="refused", cause=cause))
        else:
            async with writing(self._desk.pool, self._desk.epoch) as connection:
                await withdrawals.note(connection, learnt)

    def _is_due(self, under_way: OpenWithdrawal) -> bool:
        """New ones at once, the others every so often."""
        now = time.monotonic()
        due_at = self._due_at.get(under_way.withdrawal_id)
        if under_way.posts > 0 and due_at is not None and now < due_at:
            return False
        self._due_at[under_way.withdrawal_id] = now + self._desk.settings.redeem_look_seconds
        return True

    async def _look(
        self, under_way: OpenWithdrawal, wallet: TradingWallet, venue: Venue, relayer: Relayer
    ) -> tuple[Look, WithdrawalNote]:
        learnt = WithdrawalNote(
            under_way.withdrawal_id, under_way.state, WithdrawalCause.LOOKED_AT, looks=under_way.looks + 1
        )
        progress: Progress | None = None
        if under_way.transaction_id is not None:
            seen = await relayer.transaction(under_way.transaction_id)
            progress = seen.progress
            learnt = replace(learnt, words=seen.words or None, transaction_hash=seen.transaction_hash)
        chain_nonce, _ = await relayer.nonce(wallet)
        ended = under_way.expired or chain_nonce > under_way.nonce or progress is Progress.FAILED
        look = Look(
            posts=under_way.posts,
            nonce=under_way.nonce,
            chain_nonce=chain_nonce,
            progress=progress,
            left=await self._left(wallet, venue) if ended and progress is not Progress.CONFIRMED else None,
            mortal=under_way.mortal,
            expired=under_way.expired,
            withdrawn=under_way.withdrawn,
            looks=learnt.looks,
            seconds_since_post=under_way.seconds_since_post,
        )
        return look, learnt

    async def _left(self, wallet: TradingWallet, venue: Venue) -> bool | None:
        """Whether the exchange has less of the account than its books say, this withdrawal not booked yet: nobody else
        moves money out of it. None while something else is under way."""
        before, ours = await self._books(wallet.account_id)
        if before.busy is not None and before.busy not in audits.WITHDRAWING:
            return None
        there = (await venue.balance(wallet)).amount
        after, _ = await self._books(wallet.account_id)
        return None if after.mark != before.mark else there < ours[audits.CASH]

    async def _books(self, account_id: str) -> tuple[audits.AccountBooks, dict[str, Decimal]]:
        async with self._desk.pool.connection() as connection:
            return await audits.books(connection, account_id)

    async def _send(self, under_way: OpenWithdrawal, relayer: Relayer) -> None:
        async with writing(self._desk.pool, self._desk.epoch) as connection:
            may_go = await withdrawals.look_before_send(connection, self._desk.epoch, under_way.withdrawal_id)
        if not may_go:
            return
        answer = await relayer.submit(under_way.body)
        _log.info(
            "withdrawal_sent",
            withdrawal_id=under_way.withdrawal_id,
            taken=answer.taken.value,
            words=answer.words,
        )
        learnt = _learnt(under_way, answer)
        if learnt.state == "refused":
            await self._refuse(under_way, learnt)
            return
        async with writing(self._desk.pool, self._desk.epoch) as connection:
            await withdrawals.note(connection, learnt)

    async def _book(self, under_way: OpenWithdrawal, ended: WithdrawalNote) -> None:
        """Seen: cash falls by it, once, in the transaction that ends the withdrawal."""
        async with writing(self._desk.pool, self._desk.epoch) as connection:
            await bookings.lock(connection, account_ids=[under_way.account_id])
            if not await _end(connection, under_way, ended):
                return
            cash = {"account_id": under_way.account_id, "usdc": EXACT.subtract(ZERO, under_way.usdc)}
            entry = cash | {"cause": "withdrawal", "ref": under_way.withdrawal_id}
            await bookings.write(connection, "insert_cash_entry", [entry])
            await bookings.write(connection, "add_cash", [cash])
        self._due_at.pop(under_way.withdrawal_id, None)
        _log.info("withdrawn", withdrawal_id=under_way.withdrawal_id, usdc=str(under_way.usdc))

    async def _refuse(self, under_way: OpenWithdrawal, ended: WithdrawalNote) -> None:
        async with writing(self._desk.pool, self._desk.epoch) as connection:
            await bookings.lock(connection, account_ids=[under_way.account_id])
            await _end(connection, under_way, ended)
        self._due_at.pop(under_way.withdrawal_id, None)
        _log.warning("withdrawal_ended", withdrawal_id=under_way.withdrawal_id, cause=ended.cause)


def _ruled(row: WithdrawalAsked) -> Withdrawal:
    """The row as the signer's rule reads it; an address belongs to a person, and so to that person's account."""
    return Withdrawal(
        row.account_id,
        asked=row.state == "asked" and row.address_held,
        address=row.address,
        address_account_id=row.account_id if row.address_user_id == row.user_id else "",
        address_added_at=row.address_added_at,
        usdc=row.usdc,
        free_usdc=row.free_usdc,
    )


async def _end(
    connection: AsyncConnection[TupleRow], row: WithdrawalAsked | OpenWithdrawal, ended: WithdrawalNote
) -> bool:
    """End it and tell its owner; False when it had ended before."""
    if not await withdrawals.note(connection, ended):
        return False
    body = {
        "withdrawal_id": row.withdrawal_id,
        "account_id": row.account_id,
        "venue": VenueName.POLYMARKET.value,
        "usdc": plain(row.usdc),
        "address": row.address,
        "cause": ended.cause,
    }
    kind = "withdrawal_sent" if ended.state == "done" else "withdrawal_failed"
    told = {"user_id": row.user_id, "kind": kind, "event": row.withdrawal_id, "body": body}
    await bookings.write(connection, "insert_notification", [told])
    return True


def _learnt(under_way: OpenWithdrawal, answer: SubmitAnswer) -> WithdrawalNote:
    """What an answer to a submission says: a refusal ends it only where these bytes can never have run."""
    note = WithdrawalNote(under_way.withdrawal_id, "unknown", WithdrawalCause.UNCLEAR, answer.words or None)
    if answer.taken is Taken.ACCEPTED:
        return replace(
            note, state="sending", cause=WithdrawalCause.TAKEN, transaction_id=answer.transaction_id
        )
    if answer.taken is Taken.WAIT:
        state = "sending" if under_way.posts == 0 else "unknown"
        return replace(note, state=state, cause=WithdrawalCause.BUSY)
    if answer.taken is Taken.REFUSED and under_way.posts == 0:
        return replace(note, state="refused", cause=WithdrawalCause.REFUSED)
    return note
