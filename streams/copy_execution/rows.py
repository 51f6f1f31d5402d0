"""A decision as a row of ``copy_orders`` in the text form of COPY: thousands are written at once, and what is the same
for all followers of a trade, or for all trades of a follower, is put into words once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import orjson

from schemas.enums import CopyState, Reason, Side
from schemas.trades import LeaderTraded
from streams.copy_execution.circumstances import Circumstances
from streams.copy_execution.decision import Decision
from streams.copy_execution.evidence import checks_json, inputs_json
from streams.copy_execution.following import Following
from streams.copy_execution.inputs import Allocation

NULL: Final = "\\N"
ENDED_AT_ONCE: Final = frozenset({CopyState.SKIPPED, CopyState.EXPIRED})
_ESCAPES: Final = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


@dataclass(frozen=True, slots=True)
class Stamps:
    """When the message reached this process, and when its followers' rows were locked (the decision's ``now``)."""

    received: datetime
    locked: datetime


def cell(value: object) -> str:
    """One value in the text form of COPY."""
    return NULL if value is None else str(value).translate(_ESCAPES)


def json_cell(text: str) -> str:
    """JSON in the text form of COPY: its own escapes leave nothing but the backslash to be escaped."""
    return text.replace("\\", "\\\\") if "\\" in text else text


def _plain_cell(value: object) -> str:
    """A number, a time or a word of a closed set."""
    return NULL if value is None else str(value)


def message_cells(message: LeaderTraded, stamps: Stamps) -> str:
    """What all copy orders of one trade share. ``locked`` is ``now`` of their decisions."""
    return "\t".join(
        (
            cell(message.trade_id),
            message.wallet,
            str(message.number),
            message.side,
            message.token_id,
            cell(message.order_hash),
            cell(message.burst_started_at),
            str(message.traded_at),
            str(message.appended_at),
            str(stamps.locked),
        )
    )


def following_cells(following: Following) -> str:
    """What all copy orders of one allocation share."""
    return whose_cells(
        following.allocation.allocation_id,
        following.version,
        (following.user_id, following.account_id, following.wallet),
        following.venue,
    )


def whose_cells(allocation_id: str, version: int, owner: tuple[str, str, str | None], venue: str) -> str:
    """Whose copy order it is; ``owner`` is the user, the account, and the account's wallet."""
    return "\t".join((cell(allocation_id), str(version), *map(cell, owner), venue))


def times_json(message: LeaderTraded, stamps: Stamps, decided: datetime) -> str:
    """The times of each stage; ``received`` and ``decided`` are this machine's clock, ``locked`` is Postgres'."""
    times = {
        "appended": message.appended_at,
        "classified": message.classified_at,
        "received": stamps.received,
        "locked": stamps.locked,
        "decided": decided,
    }
    return orjson.dumps(times, option=orjson.OPT_UTC_Z).decode()


def cause_of(decision: Decision) -> str:
    """Why the copy order is in its state, in a few words for people."""
    if decision.reason is not None:
        return f"decided: {decision.reason}"
    return "waits for an earlier order" if decision.state is CopyState.WAITING else "decided"


def taken_up(decision: Decision) -> bool:
    """Whether the trade counts as taken up: a BUY was planned, or an amount carried (RULES §2)."""
    planned = decision.state is CopyState.PLANNED and decision.side is Side.BUY
    return planned or decision.reason is Reason.CARRIED


def deadline_of(decision: Decision, seen: Circumstances, allocation: Allocation) -> datetime | None:
    """Until when a BUY may be sent; a SELL never ages."""
    if decision.side is Side.SELL or decision.state in ENDED_AT_ONCE:
        return None
    return seen.happened_at + timedelta(seconds=allocation.settings.max_age_seconds)


def market_id_of(seen: Circumstances, following: Following) -> str | None:
    """The market of the trade's token, as far as it is known."""
    if seen.market is not None:
        return seen.market.market_id
    lot = following.books.lots.get(seen.trade.token_id)
    return None if lot is None else lot.market_id


def evidence(
    message: LeaderTraded,
    seen: Circumstances,
    allocation: Allocation,
    following: Following,
    decision: Decision,
) -> tuple[str, str]:
    """``inputs`` and ``checks`` as JSON. Of what waits the inputs are the message, so that it can be decided again."""
    if decision.state is CopyState.WAITING:
        inputs = b'{"trade":' + message.encode() + b"}"
    else:
        inputs = inputs_json(seen, allocation, following.account, following.books)
    return inputs.decode(), checks_json(decision).decode()


def decision_cells(
    name: str, seen: Circumstances, allocation: Allocation, following: Following, decision: Decision
) -> str:
    """What is this copy order's own, but for its evidence."""
    return outcome_cells(
        name, market_id_of(seen, following), decision, deadline_of(decision, seen, allocation)
    )


def outcome_cells(name: str, market_id: str | None, decision: Decision, deadline: datetime | None) -> str:
    """What was decided, under the copy order's name."""
    return "\t".join(
        (
            name,
            cell(market_id),
            decision.state,
            _plain_cell(decision.reason),
            cause_of(decision),
            _plain_cell(decision.reduced_by),
            _plain_cell(decision.amount_usdc),
            _plain_cell(decision.shares),
            _plain_cell(decision.limit_price),
            _plain_cell(decision.reserve_usdc),
            _plain_cell(decision.carried_usdc),
            "t" if taken_up(decision) else "f",
            _plain_cell(deadline),
        )
    )
