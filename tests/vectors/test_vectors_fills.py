"""Every worked case of an order's fills, or of a settlement, is booked as RULES §5 has it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from schemas.enums import Side
from schemas.money import ZERO
from streams.copy_execution.books import Lot
from streams.trading.booking import Booking, Fill, book_order, empty_lot, settle
from tests.vectors.cases import Json, load, lot_of, name_of, some

CASES = load("fills.json")


def lot_as_json(lot: Lot | None) -> Json | None:
    if lot is None:
        return None
    return {
        "shares": lot.shares,
        "cost_usdc": lot.cost_usdc,
        "target_shares": lot.target_shares,
        "adds": Decimal(lot.adds),
    }


def booked(given: Json) -> Booking:
    lot = None if given["lot"] is None else lot_of(given["lot"])
    order = given["order"]
    if "payout" in order:
        assert lot is not None
        return settle(lot, Decimal(order["payout"]))
    fills = [
        Fill(Decimal(fill["shares"]), Decimal(fill["usdc"]), Decimal(fill["price"]), some(fill, "fee"))
        for fill in order["fills"]
    ]
    return book_order(lot, Side(order["side"]), fills, Decimal(given["fee_rate"]), empty_lot("market"))


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_vectors_fills(case: Json) -> None:
    """Lot, fees, result, cash and reserves after an order that is over."""
    given, expect = case["given"], case["expect"]
    result = booked(given)
    lot = expect.get("lot")
    assert lot_as_json(result.lot) == (lot and {key: Decimal(value) for key, value in lot.items()})
    assert result.fee_usdc == Decimal(expect["fees_usdc"])
    assert Decimal(given["realised_usdc"]) + result.realised_usdc == Decimal(expect["realised_usdc"])
    assert Decimal(given["cash_usdc"]) + result.cash_usdc == Decimal(expect["cash_usdc"])
    if given["order"].get("side") == "BUY":
        released = some(given["order"], "reserve") or ZERO
        assert Decimal(given["reserved_usdc"]) - released == Decimal(expect["reserved_usdc"])
