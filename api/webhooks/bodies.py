"""What a webhook's body says, and which of its trades cannot be taken. Pure: the clock is an argument."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import from_json

from api.problems import Refused, field_errors, invalid
from schemas.enums import DeadLetterReason, Source
from schemas.ops_views import RefusedTrade
from schemas.trades import TradeSeen
from schemas.views import FieldError

TRADES_MAX: Final = 500
# What is further ahead of the clock would be a dead letter (DESIGN §5).
AHEAD_MAX: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Batch:
    """The trades that can be taken, and what is wrong with the others by their place in the body."""

    trades: tuple[TradeSeen, ...]
    refused: tuple[RefusedTrade, ...]


@dataclass(frozen=True, slots=True)
class Wrong:
    """Why one trade cannot be taken: a code, and its fields."""

    code: str
    errors: tuple[FieldError, ...]


def read_batch(body: bytes, now: datetime) -> Batch:
    """One `TradeSeen` or a list of 1 to 500. 422 naming the fields when none of them can be taken."""
    parsed = parse_json(body)
    items: list[Any] = parsed if isinstance(parsed, list) else [parsed]
    if not 1 <= len(items) <= TRADES_MAX:
        raise invalid(
            "body", "must be one trade or a list of trades", value=len(items), allowed="1 to 500 trades"
        )
    read = [read_trade(item, now) for item in items]
    taken = tuple(trade for trade in read if isinstance(trade, TradeSeen))
    wrong = [(index, fault) for index, fault in enumerate(read) if isinstance(fault, Wrong)]
    if not taken:
        raise none_taken(wrong, single=not isinstance(parsed, list))
    return Batch(taken, tuple(_refused(index, fault) for index, fault in wrong))


def parse_json(body: bytes) -> Any:
    """The body as JSON; 422 for anything else. NaN and the like are left to the fields, which name themselves."""
    try:
        return from_json(body)
    except ValueError as error:
        raise invalid("body", f"is not JSON: {error}") from error


def read_trade(item: object, now: datetime) -> TradeSeen | Wrong:
    """One trade by the contract's model; `source` is ours to say (SAFETY R9)."""
    if not isinstance(item, dict):
        return Wrong("invalid", (FieldError(field="body", message="must be an object"),))
    try:
        trade = TradeSeen.model_validate({**item, "source": Source.WEBHOOK})
    except ValidationError as error:
        return Wrong("invalid", tuple(field_errors(error.errors(include_url=False))))
    return checked(trade, now)


def checked(
    trade: TradeSeen, now: datetime, *, usdc_field: str = "usdc", time_field: str = "traded_at"
) -> TradeSeen | Wrong:
    """What would be a dead letter behind the door is refused in front of it, where the sender learns of it."""
    if trade.traded_at > now + AHEAD_MAX:
        message = "is more than 5 minutes ahead of our clock"
        return Wrong(DeadLetterReason.IN_THE_FUTURE, (FieldError(field=time_field, message=message),))
    if not trade.consistent:
        message = "is more than 25 % off size times price"
        return Wrong(DeadLetterReason.INCONSISTENT, (FieldError(field=usdc_field, message=message),))
    return trade


def none_taken(wrong: Sequence[tuple[int, Wrong]], *, single: bool) -> Refused:
    """422 with every field that is wrong; in a list each after its place."""
    errors = [
        error if single else error.model_copy(update={"field": f"{index}.{error.field}"})
        for index, fault in wrong
        for error in fault.errors
    ]
    return Refused("invalid", "None of the trades can be taken.", errors=errors[:TRADES_MAX])


def _refused(index: int, fault: Wrong) -> RefusedTrade:
    first = fault.errors[0]
    return RefusedTrade(index=index, code=fault.code, field=first.field, message=first.message)
