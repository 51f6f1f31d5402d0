"""What a decided order writes: its row, its trades, the transfers of money and shares. Pure."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from functools import partial
from typing import Final, Literal, NamedTuple

from ops.paper.fills import Match
from ops.paper.holdings import CASH, FEES, MARKET, Row, Rows
from ops.paper.orders import PostedOrder
from ops.paper.placement import Outcome, Placed, Placement, Sitting, Terms, shares_asked
from ops.paper.requests import STRAIGHT, Twist
from ops.paper.rules import is_market
from ops.paper.signing import keccak
from ops.paper.tokens import Side, Token
from schemas.money import EXACT

FAILS_BEFORE_CONFIRMED: Final = timedelta(seconds=1)
"""A trade whose settlement is to fail is not confirmed before that."""


class Fill(NamedTuple):
    """One fill of an order, to be booked; the fee in micro-USDC."""

    order_id: str
    account: str
    api_key: str
    token: Token
    side: Side
    trader_side: Literal["TAKER", "MAKER"]
    match: Match
    fee: int
    trade_id: str
    transaction_hash: str
    twist: Twist = STRAIGHT


def keep_killed(placement: Placement, sitting: Sitting) -> None:
    """A FOK or FAK that found nothing: over, but its id stays taken."""
    sitting.rows.orders.append(_order_row(placement, "CANCELED", (0, 0), 0, sitting.now))


def book_order(placement: Placement, outcome: Outcome, sitting: Sitting) -> Placed:
    """The order with its fills; what is left of a GTC or GTD rests and holds back what it offers."""
    order, holdings = placement.order, sitting.holdings
    shares = sum(fill.shares for fill in outcome.matches)
    usdc = sum(fill.usdc for fill in outcome.matches)
    rests = placement.twist.rest_as is not None or (not outcome.whole and not is_market(order))
    reserve = reserve_of(order.side, shares_asked(order) - shares, placement.limit) if rests else 0
    status = "LIVE" if rests else "MATCHED"
    sitting.rows.orders.append(_order_row(placement, status, (shares, usdc), reserve, sitting.now))
    numbers = range(len(outcome.matches))
    trade_ids = tuple(_book_trade(placement, outcome, number, sitting) for number in numbers)
    if rests:
        key = (placement.account, CASH if order.side == "BUY" else placement.token.token_id)
        holdings.reserved[key] = holdings.reserved.get(key, 0) + reserve
    making, taking = (usdc, shares) if order.side == "BUY" else (shares, usdc)
    status = placement.twist.rest_as or ("matched" if outcome.matches else "live")
    return Placed(placement.order_id, status, making, taking, trade_ids)


def _book_trade(placement: Placement, outcome: Outcome, number: int, sitting: Sitting) -> str:
    account, token, side = placement.account, placement.token, placement.order.side
    fill, fee = outcome.matches[number], outcome.fees[number]
    order_id = bytes.fromhex(placement.order_id[2:])
    taken = Fill(
        placement.order_id,
        account,
        placement.api_key,
        token,
        side,
        "TAKER",
        fill,
        fee,
        trade_id=str(uuid.UUID(bytes=keccak(order_id + number.to_bytes(4, "big"))[:16])),
        transaction_hash="0x" + keccak(order_id + b"settlement").hex(),
        twist=placement.twist,
    )
    book_fill(taken, sitting.rows, sitting.terms, sitting.now)
    buys = side == "BUY"
    _bring_up(sitting, account, token.token_id, fill.shares if buys else -fill.shares, placement.twist)
    _bring_up(sitting, account, CASH, (-fill.usdc if buys else fill.usdc) - fee, placement.twist)
    return taken.trade_id


def book_fill(fill: Fill, rows: Rows, terms: Terms, now: datetime) -> None:
    """One fill as a trade and its transfers between the account, the market and the fees."""
    shares, usdc = fill.match.shares, fill.match.usdc
    confirmed_at, fails_at = now + terms.confirmed_after, None
    if fill.twist.fails_after is not None:
        fails_at = now + timedelta(seconds=fill.twist.fails_after)
        confirmed_at = max(confirmed_at, fails_at + FAILS_BEFORE_CONFIRMED)
    lags_until = now + timedelta(seconds=fill.twist.lags) if fill.twist.lags is not None else None
    rows.trades.append(
        {
            "trade_id": fill.trade_id,
            "order_id": fill.order_id,
            "account": fill.account,
            "api_key": fill.api_key,
            "token_id": fill.token.token_id,
            "side": fill.side,
            "trader_side": fill.trader_side,
            "shares": shares,
            "price": str(fill.match.price),
            "usdc": usdc,
            "fee": fill.fee,
            "fee_rate": str(fill.token.fee_rate),
            "matched_at": now.isoformat(),
            "mined_at": (now + terms.mined_after).isoformat(),
            "confirmed_at": confirmed_at.isoformat(),
            "fails_at": fails_at.isoformat() if fails_at is not None else None,
            "lags_until": lags_until.isoformat() if lags_until is not None else None,
            "transaction_hash": fill.transaction_hash,
        }
    )
    cash_sides, share_sides = (fill.account, MARKET), (MARKET, fill.account)
    if fill.side == "SELL":
        cash_sides, share_sides = share_sides, cash_sides
    move = partial(rows.move, at=now.isoformat(), reference=fill.trade_id)
    move(cash_sides, CASH, usdc, cause="trade")
    move(share_sides, fill.token.token_id, shares, cause="trade")
    move((fill.account, FEES), CASH, fill.fee, cause="fee")


def reserve_of(side: Side, left_shares: int, limit: Decimal) -> int:
    """What the rest of an order holds back: micro-USDC of a BUY (rounded up), micro-shares of a SELL."""
    if side == "SELL":
        return left_shares
    return int(EXACT.multiply(Decimal(left_shares), limit).to_integral_value(ROUND_CEILING, EXACT))


def _bring_up(sitting: Sitting, account: str, asset: str, amount: int, twist: Twist) -> None:
    key, holdings = (account, asset), sitting.holdings
    holdings.balances[key] = holdings.balances.get(key, 0) + amount
    if asset != CASH and amount > 0 and (sitting.terms.balance_lag or twist.lags):
        holdings.lagging[key] = holdings.lagging.get(key, 0) + amount


def _order_row(
    placement: Placement, status: str, matched: tuple[int, int], reserved: int, now: datetime
) -> Row:
    order = placement.order
    expires = datetime.fromtimestamp(order.expiration, now.tzinfo).isoformat() if order.expiration else None
    after = placement.twist.due_after
    due_at = (now + timedelta(seconds=after)).isoformat() if after is not None else None
    return {
        "order_id": placement.order_id,
        "account": placement.account,
        "api_key": placement.api_key,
        "token_id": placement.token.token_id,
        "side": order.side,
        "order_type": order.order_type,
        "price": str(placement.limit),
        "maker_amount": order.fields.maker_amount,
        "taker_amount": order.fields.taker_amount,
        "matched_shares": matched[0],
        "matched_usdc": matched[1],
        "reserved": reserved,
        "status": status,
        "expires_at": expires,
        "due_at": due_at,
        "due_as": placement.twist.due_as,
        "placed_at": now.isoformat(),
        "signed": _signed(order),
    }


def _signed(order: PostedOrder) -> dict[str, object]:
    """What was signed, from what was read: the body's own text may hold what a table cannot."""
    fields = order.fields
    return {
        "salt": str(fields.salt),
        "maker": fields.maker,
        "signer": fields.signer,
        "tokenId": order.token_id,
        "makerAmount": str(fields.maker_amount),
        "takerAmount": str(fields.taker_amount),
        "side": order.side,
        "signatureType": fields.signature_type,
        "timestamp": str(fields.timestamp),
        "metadata": "0x" + fields.metadata.hex(),
        "builder": "0x" + fields.builder.hex(),
        "expiration": str(order.expiration),
        "signature": "0x" + order.signature.hex(),
    }
