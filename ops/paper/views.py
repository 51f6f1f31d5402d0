"""Rows of the ledger in the shapes the exchange sends (polymarket.md §8.2); field names are the wire's."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final

import orjson

from ops.paper.ledger import Record
from ops.paper.placement import Placed
from ops.paper.rules import in_units
from ops.paper.settings import AmountUnits
from ops.paper.tokens import Book, Level, Token
from schemas.money import ceil_to_tick, floor_to_tick, plain

END: Final = "LTE="
_START: Final = "MA=="
_SYNTHETIC_SHARES: Final = 100_000 * 1_000_000
"""Depth shown at the last price where the fill model knows no depth."""


def order_answer(placed: Placed, units: AmountUnits) -> dict[str, object]:
    """The answer to an order that was taken; amounts are empty when nothing matched."""
    making = taking = ""
    if placed.trade_ids:
        making = in_units(placed.making) if units is AmountUnits.UNITS else str(placed.making)
        taking = in_units(placed.taking) if units is AmountUnits.UNITS else str(placed.taking)
    answer: dict[str, object] = {
        "success": True,
        "errorMsg": "",
        "orderID": placed.order_id,
        "status": placed.status,
        "makingAmount": making,
        "takingAmount": taking,
    }
    if placed.trade_ids:
        answer["tradeIDs"] = list(placed.trade_ids)
    return answer


def rejected_leg(error: str) -> dict[str, object]:
    """A refused order among several: the whole succeeds, the leg has no id."""
    return {
        "success": True,
        "errorMsg": error,
        "orderID": "",
        "status": "",
        "makingAmount": "",
        "takingAmount": "",
    }


def order_view(row: Record, token: Token, now: datetime) -> dict[str, object]:
    """``/data/order/{id}`` and the rows of ``/data/orders``."""
    expires: datetime | None = row["expires_at"]
    status = row["status"]
    if status == "LIVE" and expires is not None and expires <= now:
        status = "CANCELED"
    asked = row["taker_amount"] if row["side"] == "BUY" else row["maker_amount"]
    return {
        "id": row["order_id"],
        "status": f"ORDER_STATUS_{status}",
        "owner": str(row["api_key"]),
        "maker_address": row["account"],
        "market": token.condition_id,
        "asset_id": row["token_id"],
        "side": row["side"],
        "original_size": in_units(asked),
        "size_matched": in_units(row["matched_shares"]),
        "price": plain(row["price"]),
        "outcome": token.outcome,
        "expiration": str(int(expires.timestamp())) if expires is not None else "0",
        "order_type": row["order_type"],
        "associate_trades": [str(trade_id) for trade_id in row["trade_ids"]],
        "created_at": int(row["placed_at"].timestamp()),
    }


def trade_view(row: Record, token: Token, counterparty: str, now: datetime) -> dict[str, object]:
    """A row of ``/data/trades``. Its money is size × price to the nearest micro; its hash comes with MINED."""
    status = trade_status(row, now)
    other = "SELL" if row["side"] == "BUY" else "BUY"
    bps = plain(row["fee_rate"] * 10_000)
    taker = row["trader_side"] == "TAKER"
    size, price = in_units(row["shares"]), plain(row["price"])
    stranger = "0x" + hashlib.sha256(row["trade_id"].bytes).hexdigest()
    maker_order = {
        "order_id": stranger if taker else row["order_id"],
        "owner": "00000000-0000-0000-0000-000000000000" if taker else str(row["api_key"]),
        "maker_address": counterparty if taker else row["account"],
        "matched_amount": size,
        "price": price,
        "fee_rate_bps": "0",
        "asset_id": row["token_id"],
        "outcome": token.outcome,
        "side": other if taker else row["side"],
    }
    return {
        "id": str(row["trade_id"]),
        "taker_order_id": row["order_id"] if taker else stranger,
        "market": token.condition_id,
        "asset_id": row["token_id"],
        "side": row["side"] if taker else other,
        "size": size,
        "fee_rate_bps": bps,
        "price": price,
        "status": status,
        "match_time": str(int(row["matched_at"].timestamp())),
        "match_time_nano": str(_micros(row["matched_at"]) * 1000),
        "last_update": str(int(min(now, _last_change(row)).timestamp())),
        "outcome": token.outcome,
        "bucket_index": 0,
        "owner": str(row["api_key"]),
        "maker_address": row["account"],
        "transaction_hash": "" if status == "MATCHED" else row["transaction_hash"],
        "trader_side": row["trader_side"],
        "maker_orders": [maker_order],
        "err_msg": "settlement failed" if status == "FAILED" else "",
    }


def trade_status(row: Record, now: datetime) -> str:
    """Where the trade stands at ``now``: MATCHED, MINED, CONFIRMED or FAILED."""
    if row["failed_at"] is not None and row["failed_at"] <= now:
        return "FAILED"
    if now >= row["confirmed_at"] and row["failed_at"] is None and row["fails_at"] is None:
        return "CONFIRMED"
    return "MINED" if now >= row["mined_at"] else "MATCHED"


def next_status_at(row: Record, status: str) -> datetime | None:
    """When the status changes by time alone; None where it does not: over, or about to fail."""
    at: datetime | None = None
    if status == "MATCHED":
        at = row["mined_at"]
    elif status == "MINED" and row["fails_at"] is None:
        at = row["confirmed_at"]
    return at


def page(rows: Sequence[dict[str, object]], limit: int, next_cursor: str) -> dict[str, object]:
    """The envelope of every list."""
    return {"limit": limit, "count": len(rows), "next_cursor": next_cursor, "data": list(rows)}


def cursor_after(text: str) -> str:
    """A cursor that continues behind ``text``."""
    return base64.urlsafe_b64encode(text.encode()).decode()


def read_cursor(cursor: str | None) -> str | None:
    """What a cursor of ours continues behind; None at the beginning. ValueError when it is none of ours."""
    if cursor is None or cursor in ("", _START):
        return None
    return base64.urlsafe_b64decode(cursor.encode()).decode()


def shown_book(token: Token, book: Book | None, now: datetime) -> Book:
    """The recorded book; without one, depth at the last trade's price, as the models without a book fill."""
    if book is not None:
        return book
    if token.last_price is None:
        return Book((), (), now)
    bid = max(floor_to_tick(token.last_price, token.tick), token.tick)
    ask = min(ceil_to_tick(token.last_price, token.tick), 1 - token.tick)
    ask = ask if ask > bid else min(bid + token.tick, 1 - token.tick)
    asks = (Level(ask, _SYNTHETIC_SHARES),) if ask > bid else ()
    return Book((Level(bid, _SYNTHETIC_SHARES),), asks, now)


def book_view(token: Token, book: Book) -> dict[str, object]:
    """``/book``: best level last on both sides; the hash as the exchange makes it."""
    view: dict[str, object] = {
        "market": token.condition_id,
        "asset_id": token.token_id,
        "timestamp": str(_micros(book.taken_at) // 1000),
        "hash": "",
        "bids": [_level(level) for level in reversed(book.bids)],
        "asks": [_level(level) for level in reversed(book.asks)],
        "min_order_size": in_units(token.min_rest_micro),
        "tick_size": plain(token.tick),
        "neg_risk": token.neg_risk,
        "last_trade_price": plain(token.last_price) if token.last_price is not None else "",
    }
    view["hash"] = hashlib.sha1(orjson.dumps(view), usedforsecurity=False).hexdigest()
    return view


def market_short(tokens: Sequence[Token]) -> dict[str, object]:
    """``/clob-markets/{cid}``: short keys; ``nr`` only where true."""
    first = tokens[0]
    view: dict[str, object] = {
        "t": [{"t": token.token_id, "o": token.outcome} for token in tokens],
        "mts": _number(first.tick),
        "mos": _number(Decimal(first.min_rest_micro).scaleb(-6)),
        "mbf": 0,
        "tbf": _number(first.fee_rate * 10_000),
        "fd": {"r": _number(first.fee_rate), "e": _number(first.fee_exponent), "to": True},
        "itode": False,
    }
    if first.neg_risk:
        view["nr"] = True
    return view


def market_view(tokens: Sequence[Token]) -> dict[str, object]:
    """``/markets/{cid}``."""
    first = tokens[0]
    return {
        "condition_id": first.condition_id,
        "question_id": first.condition_id,
        "question": first.question,
        "market_slug": first.market_id,
        "description": "",
        "active": True,
        "closed": first.closed,
        "archived": False,
        "accepting_orders": first.accepting_orders and not first.closed,
        "accepting_order_timestamp": None,
        "enable_order_book": not first.closed,
        "minimum_order_size": _number(Decimal(first.min_rest_micro).scaleb(-6)),
        "minimum_tick_size": _number(first.tick),
        "end_date_iso": first.end_at.isoformat() if first.end_at is not None else None,
        "game_start_time": None,
        "seconds_delay": first.seconds_delay,
        "neg_risk": first.neg_risk,
        "neg_risk_market_id": "",
        "neg_risk_request_id": "",
        "maker_base_fee": 0,
        "taker_base_fee": _number(first.fee_rate * 10_000),
        "is_50_50_outcome": any(token.payout_micro == 500_000 for token in tokens),
        "rewards": {"rates": None, "min_size": 0, "max_spread": 0},
        "tokens": [
            {
                "token_id": token.token_id,
                "outcome": token.outcome,
                "price": _number(token.last_price) if token.last_price is not None else 0,
                "winner": token.payout_micro == 1_000_000,
            }
            for token in tokens
        ],
        "tags": [],
    }


def _number(value: Decimal) -> orjson.Fragment:
    # A JSON number written digit by digit: no float between the decimal and the wire.
    return orjson.Fragment(plain(value))


def _level(level: Level) -> dict[str, str]:
    return {"price": plain(level.price), "size": in_units(level.shares)}


def _micros(moment: datetime) -> int:
    return int(moment.timestamp()) * 1_000_000 + moment.microsecond


def _last_change(row: Record) -> datetime:
    changed: datetime = row["failed_at"] or row["confirmed_at"]
    return changed
