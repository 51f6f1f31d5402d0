"""`python -m ops.simulation.inputs`: generated bad inputs through every door that reads what others wrote.

Each door may refuse in its own words only; anything else is a crash. Beside each bad message stands a good one, which
must come through unharmed. Exit code 1 when there was a crash, or a neighbour lost.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, Final

import orjson
from pydantic import ValidationError

import schemas
from api.problems import Refused as ApiRefused
from api.webhooks.bodies import checked, parse_json, read_batch
from api.webhooks.former import FormerTrade, trade_seen
from ops.exits import ANSWER_IS_NO, DONE
from ops.output import say
from ops.simulation.scenario import LEADERS, trade
from ops.simulation.spoiling import spoilt
from schemas.base import Message
from schemas.enums import Side
from schemas.watched import WatchedAddress
from streams.classify.reading import read
from streams.classify.sorting import sort
from streams.classify.standing import Standing
from streams.kafka.guard import Received
from streams.kafka.roles import RoleBook
from streams.topology import TOPICS
from streams.venues.answers import Answer, sort_answer
from streams.venues.trades import fills_of
from streams.venues.venue import VenueFault

SAMPLES: Final = Path(schemas.__file__).parent / "contracts" / "samples"
NOW: Final = datetime(2026, 11, 22, 12, tzinfo=UTC)
PART: Final = 20_000
HASH: Final = "0x" + "ab" * 32
GOOD: Final = trade(0.0, 1, Side.BUY, "30").value
FORMER: Final = orjson.dumps(
    {
        "tx_id": HASH + "-3",
        "user_address": LEADERS[0],
        "position_id": "7" * 77,
        "tx_type": "BUY",
        "amount": "30000000",
        "price": "0.5",
        "taking_amount": "15",
        "tx_hash": HASH,
        "block_number": "65000000",
        "timestamp": "2026-11-22T12:00:00Z",
    }
)
ANSWERS: Final = (
    orjson.dumps({"success": True, "orderID": HASH, "status": "matched", "tradeIDs": ["T-1"]}),
    orjson.dumps(
        {"success": True, "orderID": HASH, "status": "live", "takingAmount": "1", "makingAmount": "2"}
    ),
    b'{"error":"not enough balance / allowance"}',
    b'{"error":"order 0x is invalid. Duplicated."}',
    b'{"error":"post-only mode","code":"post_only_mode","retry_after_seconds":3}',
)
TRADE_ROW: Final[dict[str, Any]] = {
    "id": "T-1",
    "taker_order_id": HASH,
    "market": HASH,
    "asset_id": "7" * 77,
    "side": "BUY",
    "size": "30",
    "fee_rate_bps": "0",
    "price": "0.5",
    "status": "MATCHED",
    "match_time": "1763812800",
    "last_update": "1763812800",
    "outcome": "Yes",
    "bucket_index": 0,
    "owner": "k",
    "maker_address": "0x" + "1e" * 20,
    "transaction_hash": "",
    "trader_side": "TAKER",
    "maker_orders": [],
}


@dataclass(slots=True)
class Tally:
    """What became of the inputs, by door; ``crashes`` and ``lost`` must stay empty."""

    inputs: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    crashes: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)

    def join(self, other: Tally) -> None:
        """Count another part."""
        self.inputs += other.inputs
        self.refused += other.refused
        self.crashes += other.crashes
        self.lost += other.lost

    def as_json(self, seconds: float) -> dict[str, Any]:
        """The tally as one object."""
        return {
            "inputs": self.inputs.total(),
            "by_door": dict(self.inputs),
            "refused": dict(self.refused),
            "crashes": len(self.crashes),
            "neighbours_lost": len(self.lost),
            "first": [*self.crashes[:5], *self.lost[:5]],
            "seconds": round(seconds, 1),
        }


class Lost(Exception):
    """A good neighbour did not come through."""


Door = Callable[[Random], bool]
"""Sends one spoilt input through; whether it was refused. Raises what a door must not, ``Lost`` too."""


def _roles() -> RoleBook:
    book = RoleBook()
    book.take(WatchedAddress(wallet=LEADERS[0], version=1, roles=("copy_leader",)))
    return book


BOOK: Final = _roles()


def classified(chance: Random) -> bool:
    """Topic `trades`: the bad message between a good one and another."""
    bad = spoilt(chance, _TRADES)
    key = LEADERS[0].encode() if chance.random() < 0.9 else chance.randbytes(8)
    batch = [
        Received("trades", 0, 0, key, bad, NOW),
        Received("trades", 0, 1, LEADERS[0].encode(), GOOD, NOW),
    ]
    items = [item for received in batch if (item := read(received, BOOK)) is not None]
    outcome = sort(items, Standing(), NOW)
    if not any(new.trade.trade_id == f"0x{1:064x}-0" for new in outcome.new):
        raise Lost("the neighbour was not classified")
    return bool(outcome.dead)


def decoded(chance: Random) -> bool:
    """Messages of every topic."""
    topic = chance.choice(TOPICS)
    model: type[Message] = topic.message
    try:
        model.decode(spoilt(chance, _SAMPLES_OF[topic.name]))
    except ValidationError:
        return True
    return False


def webhook(chance: Random) -> bool:
    """The indexer's webhook: the bad trade in one list with a good one, or alone."""
    bad = spoilt(chance, _TRADES)
    if chance.random() < 0.3:
        try:
            read_batch(bad, NOW)
        except ApiRefused:
            return True
        return False
    try:
        orjson.loads(bad)
    except orjson.JSONDecodeError:
        bad = orjson.dumps(bad.decode(errors="replace"))
    batch = read_batch(b"[" + bad + b"," + GOOD + b"]", NOW)
    if not any(one.trade_id == f"0x{1:064x}-0" for one in batch.trades):
        raise Lost("the neighbour was not taken")
    return bool(batch.refused)


def former(chance: Random) -> bool:
    """The former indexer's webhook."""
    try:
        parsed = parse_json(spoilt(chance, (FORMER,)))
        checked(trade_seen(FormerTrade.model_validate(parsed)), NOW)
    except (ApiRefused, ValidationError):
        return True
    return False


def answered(chance: Random) -> bool:
    """The exchange's answer to a POST: sorted, whatever it says."""
    status = chance.choice((200, 200, 200, 400, 401, 404, 425, 429, 500, 503, 0, 999))
    headers = chance.choice(({}, {"retry-after": "3"}, {"retry-after": "soon"}, {"retry-after": "nan"}))
    answer = sort_answer(status, spoilt(chance, ANSWERS), headers, HASH)
    if not isinstance(answer, Answer):
        raise TypeError("no answer")
    return answer.verdict not in ("matched", "killed", "accepted")


def listed(chance: Random) -> bool:
    """The exchange's list of trades."""
    bad = spoilt(chance, (orjson.dumps(TRADE_ROW),))
    try:
        row = orjson.loads(bad)
    except orjson.JSONDecodeError:
        row = bad.decode(errors="replace")
    try:
        fills_of([row, TRADE_ROW])
    except (VenueFault, ValidationError):
        return True
    return False


DOORS: Final[Sequence[tuple[str, Door]]] = (
    ("classify", classified),
    ("decode", decoded),
    ("webhook", webhook),
    ("former webhook", former),
    ("answer", answered),
    ("trades listed", listed),
)


def _samples() -> dict[str, tuple[bytes, ...]]:
    return {
        topic.name: tuple(
            orjson.dumps(orjson.loads(path.read_bytes()))
            for path in sorted(SAMPLES.glob(f"{topic.message.__name__}.v1.*.json"))
        )
        for topic in TOPICS
    }


_SAMPLES_OF: Final = _samples()
_TRADES: Final = (
    *(orjson.dumps(orjson.loads(sample) | {"wallet": LEADERS[0]}) for sample in _SAMPLES_OF["trades"]),
    trade(0.0, 2, Side.BUY, "30").value,
)


def poured(numbers: range, seed: int) -> Tally:
    """The inputs of these numbers, each through the door whose turn it is; a number is the same input every time."""
    tally = Tally()
    for number in numbers:
        name, door = DOORS[number % len(DOORS)]
        tally.inputs[name] += 1
        try:
            tally.refused[name] += door(Random(seed * 1_000_000_007 + number))  # noqa: S311 (no secret)
        except Lost as lost:
            tally.lost.append(f"{name}, input {number}: {lost}")
        except Exception as crash:  # whatever a door raises that it must not is what is looked for
            tally.crashes.append(f"{name}, input {number}: {type(crash).__name__} {crash}"[:300])
    return tally


def main(arguments: list[str] | None = None) -> int:
    """Pour so many; the last line on standard output is the verdict."""
    parser = argparse.ArgumentParser(prog="python -m ops.simulation.inputs", description=__doc__)
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--json", action="store_true", help="one line")
    chosen = parser.parse_args(arguments)
    began = time.perf_counter()
    parts = [range(first, min(first + PART, chosen.count)) for first in range(0, chosen.count, PART)]
    whole = Tally()
    with multiprocessing.get_context("spawn").Pool(chosen.processes) as pool:
        for tally in pool.imap(partial(poured, seed=chosen.seed), parts):
            whole.join(tally)
            say(f"{whole.inputs.total():,} inputs, {len(whole.crashes)} crashes, {len(whole.lost)} lost")
    seconds = time.perf_counter() - began
    print(json.dumps(whole.as_json(seconds), indent=None if chosen.json else 2))  # noqa: T201
    return ANSWER_IS_NO if whole.crashes or whole.lost else DONE


if __name__ == "__main__":
    sys.exit(main())
