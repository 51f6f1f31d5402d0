"""Messages of the topic `copy_leader` as they come: which can be read, which are new, which carry a trace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from schemas.enums import DeadLetterReason
from schemas.trades import LeaderTraded
from streams.kafka.guard import DeadMessage, Received

Trace = tuple[str, str, str]
"""Leader, trade id, and the `traceparent` of the span in which the trade was decided."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message that could be read, and how it came."""

    received: Received
    message: LeaderTraded


def read(batch: Sequence[Received]) -> tuple[list[Incoming], list[DeadMessage]]:
    """Those that can be read, in order, and those that become dead letters."""
    incoming: list[Incoming] = []
    dead: list[DeadMessage] = []
    for received in batch:
        try:
            message = LeaderTraded.decode(received.value or b"")
        except ValidationError as fault:
            dead.append(DeadMessage(received, DeadLetterReason.UNREADABLE, str(fault)))
            continue
        if received.key is None or received.key.decode(errors="replace") != message.wallet:
            dead.append(
                DeadMessage(received, DeadLetterReason.WRONG_KEY, "the key is not the message's wallet")
            )
            continue
        incoming.append(Incoming(received, message))
    return incoming, dead


def fresh_among(
    incoming: Sequence[Incoming], decided: Mapping[tuple[str, int], str]
) -> tuple[list[LeaderTraded], list[DeadMessage]]:
    """The messages that are not decided yet, in order, each once; and those whose number is another trade's."""
    known = dict(decided)
    fresh: list[LeaderTraded] = []
    conflicting: list[DeadMessage] = []
    for one in incoming:
        place = (one.message.wallet, one.message.number)
        former = known.get(place)
        if former is None:
            known[place] = one.message.trade_id
            fresh.append(one.message)
        elif former != one.message.trade_id:
            detail = f"number {one.message.number} of this leader is that of trade {former}"
            conflicting.append(DeadMessage(one.received, DeadLetterReason.CONFLICTING_DUPLICATE, detail))
    return fresh, conflicting


def traces_of(incoming: Sequence[Incoming], fresh: Sequence[LeaderTraded]) -> list[Trace]:
    """The traces that go on in the trading process; none while they are off."""
    wanted = {(message.wallet, message.trade_id) for message in fresh}
    return [
        (one.message.wallet, one.message.trade_id, one.received.traceparent)
        for one in incoming
        if one.received.traceparent and (one.message.wallet, one.message.trade_id) in wanted
    ]
