"""What may be signed at all: a look right before each signature, at the row it is made from (SAFETY R25). Pure.

Three things are signed, each from a row of its own and never from a caller's bytes: an order of a live plan, a
withdrawal to an address added a day before, a redemption of what an account holds in a resolved market.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

from schemas.enums import Side
from schemas.money import EXACT, ZERO, ceil_to_tick
from streams.tables.plans import Plan
from streams.trading.identity import salt_of, timestamp_ms_of
from streams.venues.orders import OrderTerms
from streams.venues.wallets import EOA, TradingWallet

ADDRESS_AGE: Final = timedelta(hours=24)
"""A withdrawal address works this long after it was added: whoever was robbed of a chat has time to say no."""
_HUNDRED: Final = Decimal(100)


class SignRefusal(StrEnum):
    """Why nothing is signed. Each is a fault of ours or somebody's attempt, never a business outcome."""

    ACCOUNT = "ACCOUNT"
    WALLET = "WALLET"
    SIDE = "SIDE"
    TOKEN = "TOKEN"  # noqa: S105 (an outcome token)
    AMOUNT = "AMOUNT"
    LIMIT = "LIMIT"
    ATTEMPT = "ATTEMPT"
    IDENTITY = "IDENTITY"
    MARKET = "MARKET"
    ADDRESS = "ADDRESS"
    STATE = "STATE"


def order_refusal(plan: Plan, terms: OrderTerms, wallet: TradingWallet) -> SignRefusal | None:
    """Why these terms are no order of this plan; None when they are. ``plan`` is locked by whoever claimed it."""
    if wallet.account_id != plan.account_id:
        return SignRefusal.ACCOUNT
    if wallet.signature_type == EOA and wallet.address != wallet.key.address:
        return SignRefusal.WALLET
    if terms.side is not plan.side:
        return SignRefusal.SIDE
    if terms.token_id != plan.token_id:
        return SignRefusal.TOKEN
    if plan.tick is None or terms.tick != plan.tick or terms.neg_risk is not plan.neg_risk:
        return SignRefusal.MARKET
    attempt = plan.former_attempt + 1
    if plan.former_attempt < 0 or (plan.side is Side.BUY and attempt != 1):
        return SignRefusal.ATTEMPT
    if terms.salt != salt_of(plan.copy_order_id, attempt):
        return SignRefusal.IDENTITY
    if terms.timestamp_ms != timestamp_ms_of(plan.decided_at, attempt):
        return SignRefusal.IDENTITY
    most = plan.amount_usdc if plan.side is Side.BUY else plan.shares_left
    if most is None or not ZERO < terms.amount <= most:
        return SignRefusal.AMOUNT
    return None if _within_limit(plan, terms) else SignRefusal.LIMIT


def _within_limit(plan: Plan, terms: OrderTerms) -> bool:
    """A BUY pays no more than was decided. A SELL takes no less than was decided at first, and later never less than
    the follower's floor under the leader's price (RULES §4); on a coarser grid one tick below 1 is all there is."""
    if plan.limit_price is None or not ZERO < terms.limit < 1:
        return False
    if plan.side is Side.BUY:
        return terms.limit <= plan.limit_price
    return terms.limit >= min(EXACT.subtract(Decimal(1), terms.tick), _floor(plan, terms.tick))


def _floor(plan: Plan, tick: Decimal) -> Decimal:
    assert plan.limit_price is not None, "looked at before"
    if plan.former_limit is None:
        return plan.limit_price
    if plan.leader_price is None or plan.settings is None:
        return plan.former_limit
    percent = Decimal(str(plan.settings.get("exit_min_percent", 50)))
    floor = EXACT.divide(EXACT.multiply(plan.leader_price, percent), _HUNDRED)
    return min(plan.former_limit, ceil_to_tick(max(floor, tick), tick))


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A withdrawal as its row says, with what the account has free once all reserves are taken off."""

    account_id: str
    asked: bool
    address: str
    address_account_id: str
    address_added_at: datetime
    usdc: Decimal
    free_usdc: Decimal


def withdrawal_refusal(row: Withdrawal, wallet: TradingWallet, now: datetime) -> SignRefusal | None:
    """Why this withdrawal is not signed; None when it is."""
    if not wallet.account_id == row.account_id == row.address_account_id:
        return SignRefusal.ACCOUNT
    if not row.asked:
        return SignRefusal.STATE
    if now - row.address_added_at < ADDRESS_AGE or row.address.lower() == wallet.address.lower():
        return SignRefusal.ADDRESS
    return None if ZERO < row.usdc <= row.free_usdc else SignRefusal.AMOUNT


@dataclass(frozen=True, slots=True)
class Redemption:
    """A redemption as its row says: the market has a payout on chain, and the account holds so many shares of it."""

    account_id: str
    claimed: bool
    resolved: bool
    shares: Decimal
    held_shares: Decimal


def redemption_refusal(row: Redemption, wallet: TradingWallet) -> SignRefusal | None:
    """Why this redemption is not signed; None when it is."""
    if wallet.account_id != row.account_id:
        return SignRefusal.ACCOUNT
    if not row.claimed:
        return SignRefusal.STATE
    if not row.resolved:
        return SignRefusal.MARKET
    return None if ZERO < row.shares <= row.held_shares else SignRefusal.AMOUNT
