"""Winnings of live accounts: claimed when a market is resolved, redeemed once, cash when that was seen (SAFETY R24).

A row with the bytes stands before anything is sent; only those bytes are sent; what no answer tells is proven by what
the wallet still holds.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

import psycopg
import structlog

from schemas.enums import Venue as VenueName
from streams.tables import bookings, claims, settlements
from streams.tables.claims import Claimed, NewRedemption, OpenRedemption, RedemptionNote
from streams.tables.epochs import writing
from streams.tables.settlements import Resolved
from streams.trading.bookkeeper import follow_up
from streams.trading.desk import Desk
from streams.trading.redemption_rules import Look, Step, arrived, gone, next_step, redemption_id_of, worth
from streams.trading.resolved_lots import close_lots
from streams.trading.signing_rule import Redemption, redemption_refusal
from streams.venues.redemptions import DEADLINE_SECONDS, CannotRedeem, Held, Turn, redemption_body
from streams.venues.relayer import Progress, Relayer, SubmitAnswer, Taken
from streams.venues.venue import Venue, VenueFault
from streams.venues.wallets import DEPOSIT_WALLET, TradingWallet

_log = structlog.get_logger("trading.redeeming")
_TOKENS: Final = 20
_LOTS: Final = 200
# The relayer takes 25 submissions a minute (polymarket.md §2.7): so many redemptions are looked after at a time.
_REDEMPTIONS: Final = 20
# The chain's clock may be behind ours by some blocks before a deadline counts as passed.
_EXPIRY_MARGIN_SECONDS: Final = 60.0


class Redeeming:
    """One pass claims what is resolved, signs what is claimed, sends what is signed, and looks after what was sent."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._due_at: dict[str, float] = {}
        self._refused: set[tuple[str, str]] = set()

    async def redeem(self) -> None:
        """One pass. Without a relayer nothing is redeemed: claims stay claims."""
        relayer, venue = self._desk.relayer, self._desk.venues.get(VenueName.POLYMARKET)
        if venue is None:
            return
        for token in await claims.tokens_to_claim(self._desk.pool, _TOKENS):
            while await self._claim_some(token):
                continue
        if relayer is None:
            return
        for each in await claims.open_ones(self._desk.pool, _EXPIRY_MARGIN_SECONDS, _REDEMPTIONS):
            await self._look_after(each, venue, relayer)
        settings = self._desk.settings
        for claimed in await claims.to_redeem(self._desk.pool, settings.redeem_again_seconds, _REDEMPTIONS):
            await self._sign(claimed, venue, relayer)

    async def _claim_some(self, token: Resolved) -> bool:
        """Close lots of a resolved token for claims; whether there may be more."""
        wanted = await claims.allocations_to_claim(self._desk.pool, token.token_id, _LOTS)
        if not wanted:
            return False
        async with writing(self._desk.pool, self._desk.epoch) as connection:
            locked = await bookings.lock(connection, allocation_ids=wanted)
            ready = await settlements.at_rest(connection, locked, token.token_id)
            closed = await close_lots(connection, ready, token)
            rows = claims.claim_rows(
                [
                    (each.lot_id, each.account_id, token.market_id, token.token_id, each.shares, each.usdc)
                    for each in closed
                ]
            )
            told = settlements.telling([each.lot_id for each in closed])
            questions = [*bookings.written("insert_claim", rows), *told]
            await follow_up(connection, questions, locked, self._desk.now(), self._desk.decide_waiting)
        for each in closed:
            _log.info("claimed", account_id=each.account_id, token_id=token.token_id, usdc=str(each.usdc))
        return len(wanted) == _LOTS and bool(closed)

    async def _sign(self, claimed: Claimed, venue: Venue, relayer: Relayer) -> None:
        """Look at what the wallet holds, sign its redemption, store it. Shares on their way are waited for."""
        wallet = (await self._desk.keyring.wallets([claimed.account_id])).get(claimed.account_id)
        if wallet is None or (claimed.account_id, claimed.market_id) in self._refused:
            return
        try:
            held = await self._held(
                venue, wallet, [token for token, payout in claimed.payouts.items() if payout]
            )
            late = claimed.claimed_seconds_ago < self._desk.settings.redeem_patience_seconds
            if gone(held) or (late and not arrived(held, claimed.claimed, claimed.payouts)):
                # On their way here; or moved by somebody else, which the audit of positions finds.
                return
            made = await self._made(claimed, held, wallet, relayer)
        except VenueFault as fault:
            _log.warning("redemption_not_signed", account_id=claimed.account_id, fault=str(fault))
            return
        except CannotRedeem as refusal:
            self._refused.add((claimed.account_id, claimed.market_id))
            _log.error(
                "cannot_redeem", account_id=claimed.account_id, market_id=claimed.market_id, why=str(refusal)
            )
            return
        try:
            async with writing(self._desk.pool, self._desk.epoch) as connection:
                await bookings.lock(connection, account_ids=[made.account_id])
                if not await claims.store(connection, self._desk.epoch, made):
                    return  # a withdrawal has this wallet's nonce: its turn is next
        except psycopg.errors.UniqueViolation:
            return  # another redemption of this wallet began meanwhile: its nonce is the one that counts
        _log.info("redemption_signed", redemption_id=made.redemption_id, usdc=str(made.usdc))

    async def _made(
        self, claimed: Claimed, held: Mapping[str, Decimal], wallet: TradingWallet, relayer: Relayer
    ) -> NewRedemption:
        row = Redemption(
            claimed.account_id,
            claimed=True,
            resolved=bool(claimed.payouts),
            shares=sum(held.values(), Decimal(0)),
            held_shares=sum(held.values(), Decimal(0)),
        )
        forbidden = redemption_refusal(row, wallet)
        if forbidden is not None:
            raise CannotRedeem(f"our own signer refused: {forbidden}")
        nonce, relay = await relayer.nonce(wallet)
        deadline = int(self._desk.now().timestamp()) + DEADLINE_SECONDS
        brings, attempt = worth(held, claimed.payouts), claimed.attempts + 1
        expires = wallet.signature_type == DEPOSIT_WALLET
        return NewRedemption(
            redemption_id_of(claimed.account_id, claimed.market_id, attempt),
            claimed.account_id,
            claimed.market_id,
            attempt,
            brings.shares,
            brings.usdc,
            nonce,
            datetime.fromtimestamp(deadline, UTC) if expires else None,
            redemption_body(
                Held(claimed.market_id, held, claimed.neg_risk), wallet, Turn(nonce, relay, deadline)
            ),
        )

    async def _look_after(self, redemption: OpenRedemption, venue: Venue, relayer: Relayer) -> None:
        wallet = (await self._desk.keyring.wallets([redemption.account_id])).get(redemption.account_id)
        if wallet is None or not self._is_due(redemption):
            return
        try:
            look, words = await self._look(redemption, wallet, venue, relayer)
        except VenueFault as fault:
            _log.warning("redemption_not_seen", redemption_id=redemption.redemption_id, fault=str(fault))
            return
        step = next_step(look, self._desk.settings.redeem_again_seconds)
        if step is Step.SEND:
            await self._send(redemption, relayer)
        elif step is Step.REDEEMED:
            await self._book(redemption)
        else:
            state = "failed" if step is Step.FAILED else redemption.state
            cause = "proven not to run" if step is Step.FAILED else "looked at"
            await self._note(
                RedemptionNote(redemption.redemption_id, state, cause, words, redemption.looks + 1)
            )

    def _is_due(self, redemption: OpenRedemption) -> bool:
        """New ones at once, the others every so often."""
        now = time.monotonic()
        due_at = self._due_at.get(redemption.redemption_id)
        if redemption.posts > 0 and due_at is not None and now < due_at:
            return False
        self._due_at[redemption.redemption_id] = now + self._desk.settings.redeem_look_seconds
        return True

    async def _look(
        self, redemption: OpenRedemption, wallet: TradingWallet, venue: Venue, relayer: Relayer
    ) -> tuple[Look, str | None]:
        left = not gone(await self._held(venue, wallet, redemption.shares))
        progress: Progress | None = None
        words: str | None = None
        chain_nonce: int | None = None
        if redemption.transaction_id is not None:
            seen = await relayer.transaction(redemption.transaction_id)
            progress, words = seen.progress, seen.words or None
        else:
            chain_nonce, _ = await relayer.nonce(wallet)
        look = Look(
            sent=redemption.posts > 0,
            left=left,
            nonce=redemption.nonce,
            progress=progress,
            chain_nonce=chain_nonce,
            expired=redemption.expired,
            looks=redemption.looks,
            seconds_since_post=redemption.seconds_since_post,
        )
        return look, words

    async def _send(self, redemption: OpenRedemption, relayer: Relayer) -> None:
        async with writing(self._desk.pool, self._desk.epoch) as connection:
            may_go = await claims.look_before_submit(connection, self._desk.epoch, redemption.redemption_id)
        if not may_go:
            return
        answer = await relayer.submit(redemption.body)
        _log.info(
            "redemption_sent",
            redemption_id=redemption.redemption_id,
            taken=answer.taken.value,
            words=answer.words,
        )
        await self._note(_learnt(redemption, answer))

    async def _book(self, redemption: OpenRedemption) -> None:
        """Seen: cash rises by what it brought, once, in the transaction that ends the redemption."""
        async with writing(self._desk.pool, self._desk.epoch) as connection:
            await bookings.lock(connection, account_ids=[redemption.account_id])
            ended = RedemptionNote(redemption.redemption_id, "redeemed", "the positions are gone")
            if not await claims.note(connection, ended):
                return
            await claims.pay(
                connection, redemption.account_id, redemption.market_id, redemption.redemption_id
            )
            cash = {"account_id": redemption.account_id, "usdc": redemption.usdc}
            entry = cash | {"cause": "payout", "ref": f"redemption:{redemption.redemption_id}"}
            await bookings.write(connection, "insert_cash_entry", [entry])
            await bookings.write(connection, "add_cash", [cash])
        self._due_at.pop(redemption.redemption_id, None)
        _log.info("redeemed", redemption_id=redemption.redemption_id, usdc=str(redemption.usdc))

    async def _note(self, learnt: RedemptionNote) -> None:
        async with writing(self._desk.pool, self._desk.epoch) as connection:
            await claims.note(connection, learnt)

    async def _held(
        self, venue: Venue, wallet: TradingWallet, token_ids: Iterable[str]
    ) -> dict[str, Decimal]:
        return {token: (await venue.balance(wallet, token)).amount for token in sorted(token_ids)}


def _learnt(redemption: OpenRedemption, answer: SubmitAnswer) -> RedemptionNote:
    """What an answer to a submission says: a refusal ends the attempt only where these bytes can never have run."""
    note = RedemptionNote(
        redemption.redemption_id, "unknown", "the answer does not say", answer.words or None
    )
    if answer.taken is Taken.ACCEPTED:
        return replace(note, state="accepted", cause="taken", transaction_id=answer.transaction_id)
    if answer.taken is Taken.WAIT:
        return replace(
            note, state="signed" if redemption.posts == 0 else "unknown", cause="the relayer is busy"
        )
    if answer.taken is Taken.REFUSED and redemption.posts == 0:
        return replace(note, state="failed", cause="refused by the relayer")
    return note
