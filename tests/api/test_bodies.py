"""Whatever a body holds, it is taken or refused; it never breaks the door."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from api.problems import Refused, respond
from api.webhooks.bodies import Batch, read_batch
from api.webhooks.former import FormerTrade, trade_seen
from schemas.trades import TradeSeen

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)
GOOD: dict[str, Any] = {
    "trade_id": "0x" + "1" * 64 + "-0", "wallet": "0x" + "a" * 40, "side": "BUY", "token_id": "7", "size": "100",
    "price": "0.5", "usdc": "50", "traded_at": "2026-11-22T11:59:59Z",
}  # fmt: skip
FORMER: dict[str, Any] = {
    "tx_id": "0x" + "1" * 64 + "_4", "user_address": "0x" + "a" * 40, "position_id": "7", "tx_type": "BUY",
    "amount": "100000000", "price": "0.5", "taking_amount": "50", "tx_hash": "0x" + "1" * 64,
    "timestamp": "2026-11-22T11:59:59Z",
}  # fmt: skip
AMOUNTS = st.integers(min_value=0, max_value=10**21).map(str) | st.sampled_from(["1e6", "-1", "NaN", "1.5"])
PRICES = st.decimals(min_value=0, max_value=1, places=18).map(str) | st.sampled_from(
    ["NaN", "Infinity", "1E-7"]
)
SUMS = st.decimals(min_value=0, max_value=10**13, places=9).map(str) | st.none()


def _read(body: bytes) -> Batch | Refused:
    try:
        return read_batch(body, NOW)
    except Refused as error:
        refused = error
    assert refused.status_code == 422
    assert refused.errors
    assert all(error.field for error in refused.errors)
    assert respond(refused, "r-1").status_code == 422
    return refused


@given(JSON)
def test_any_json_is_taken_or_refused_by_field(value: object) -> None:
    """NaN and infinity included, as Python writes them."""
    assert isinstance(_read(json.dumps(value).encode()), Refused)


@given(st.binary(max_size=60))
def test_any_bytes_are_refused(body: bytes) -> None:
    """JSON or not."""
    assert isinstance(_read(body), Refused)


@given(st.sampled_from(sorted(TradeSeen.model_fields)), JSON)
def test_any_value_in_any_field_is_taken_or_refused_by_that_field(name: str, value: object) -> None:
    """A taken trade is one that the topic's readers take, and it came by webhook."""
    read = _read(json.dumps(GOOD | {name: value}).encode())

    if isinstance(read, Batch):
        (trade,) = read.trades
        assert trade.source == "webhook"
        assert TradeSeen.decode(trade.encode()) == trade
    else:
        assert all(error.field.split(".")[0] in {name, "undoes", "usdc", "price"} for error in read.errors)


@given(
    st.fixed_dictionaries(
        {}, optional={"amount": AMOUNTS, "price": PRICES | st.none(), "taking_amount": SUMS}
    )
)
def test_a_former_body_is_a_readable_trade_or_refused(changed: dict[str, Any]) -> None:
    """Whatever the numbers: what comes out fits the contract, exact to the micro."""
    try:
        seen = trade_seen(FormerTrade.model_validate(FORMER | changed))
    except ValidationError:
        return
    assert TradeSeen.decode(seen.encode()) == seen
    assert seen.size * 10**6 == int((FORMER | changed)["amount"])
