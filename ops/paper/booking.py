"""What a decided order writes: its row, its trades, the transfers of money and shares. Pure."""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import ROUND_CEILING, Decimal
from functools import partial

from ops.paper.holdings import CASH, FEES, MARKET, Row
from ops.paper.orders import PostedOrder
from ops.paper.placement import Outcome, Placed, Placement, Sitting, shares_asked
from ops.paper.rules import is_market
from ops.paper.signing import keccak
from schemas.money import EXACT


def keep_killed(placement: Placement, sitting: Sitting) -> None:
    """A FOK or FAK that found nothing: over, but its id stays taken."""
    sitting.rows.orders.append(_order_row(placement, "CANCELED", (0, 0), 0, sitting.now))


def book_order(placement: Placement, outcome: Outcome, sitting: Sitting) -> Placed:
    """The order with its fills; what is left of a GTC or GTD rests and holds back what it offers."""
    order, holdings = placement.order, sitting.holdings
    shares = sum(fill.shares for fill in outcome.matches)
    usdc = sum(fill.usdc for fill in outcome.matches)
    rests = not outcome.whole and not is_market(order)
    reserve = still_offered(order, shares, placement.limit) if rests else 0
    status = "LIVE" if rests else "MATCHED"
    sitting.rows.orders.append(_order_row(placement, status, (shares, usdc), reserve, sitting.now))
    numbers = range(len(outcome.matches))
    trade_ids = tuple(_book_trade(placement, outcome, number, sitting) for number in numbers)
    if rests:
        key = (placement.account, CASH if order.side == "BUY" else placement.token.token_id)
        holdings.reserved[key] = holdings.reserved.get(key, 0) + reserve
    making, taking = (usdc, shares) if order.side == "BUY" else (shares, usdc)
    return Placed(placement.order_id, "matched" if outcome.matches else "live", making, taking, trade_ids)


def still_offered(order: PostedOrder, matched_shares: int, limit: Decimal) -> int:
    """What the rest of an order offers: micro-USDC of a BUY (rounded up), micro-shares of a SELL."""
    left = shares_asked(order) - matched_shares
    if order.side == "SELL":
        return left
    return int(EXACT.multiply(Decimal(left), limit).to_integral_value(ROUND_CEILING, EXACT))


def _book_trade(placement: Placement, outcome: Outcome, number: int, sitting: Sitting) -> str:
    account, token, buys = placement.account, placement.token, placement.order.side == "BUY"
    fill, fee = outcome.matches[number], outcome.fees[number]
    order_id = bytes.fromhex(placement.order_id[2:])
    trade_id = str(uuid.UUID(bytes=keccak(order_id + number.to_bytes(4, "big"))[:16]))
    sitting.rows.trades.append(
        {
            "trade_id": trade_id,
            "order_id": placement.order_id,
            "account": account,
            "api_key": placement.api_key,
            "token_id": token.token_id,
            "side": placement.order.side,
            "trader_side": "TAKER",
            "shares": fill.shares,
            "price": str(fill.price),
            "usdc": fill.usdc,
            "fee": fee,
            "fee_rate": str(token.fee_rate),
            "matched_at": sitting.now.isoformat(),
            "mined_at": (sitting.now + sitting.terms.mined_after).isoformat(),
            "confirmed_at": (sitting.now + sitting.terms.confirmed_after).isoformat(),
            "transaction_hash": "0x" + keccak(order_id + b"settlement").hex(),
        }
    )
    cash_sides, share_sides = ((account, MARKET), (MARKET, account))
    if not buys:
        cash_sides, share_sides = share_sides, cash_sides
    move = partial(sitting.rows.move, at=sitting.now.isoformat(), reference=trade_id)
    move(cash_sides, CASH, fill.usdc, cause="trade")
    move(share_sides, token.token_id, fill.shares, cause="trade")
    move((account, FEES), CASH, fee, cause="fee")
    _bring_up(sitting, account, token.token_id, fill.shares if buys else -fill.shares)
    _bring_up(sitting, account, CASH, (-fill.usdc if buys else fill.usdc) - fee)
    return trade_id


def _bring_up(sitting: Sitting, account: str, asset: str, amount: int) -> None:
    key, holdings = (account, asset), sitting.holdings
    holdings.balances[key] = holdings.balances.get(key, 0) + amount
    if asset != CASH and amount > 0 and sitting.terms.balance_lag:
        holdings.lagging[key] = holdings.lagging.get(key, 0) + amount


def _order_row(
    placement: Placement, status: str, matched: tuple[int, int], reserved: int, now: datetime
) -> Row:
    order = placement.order
    expires = datetime.fromtimestamp(order.expiration, now.tzinfo).isoformat() if order.expiration else None
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
