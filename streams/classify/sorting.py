"""The fold of one batch: known or new, in order of arrival, onto each role's ledger and topic (RULES §6).

Number, position before and burst are worked out here once, from what is stored, and stored with the trade in one
transaction; a message that comes again is answered with the stored bytes (SAFETY R36). No I/O.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, NamedTuple

from schemas.enums import AddressType, DeadLetterReason, TradeKind
from schemas.money import ZERO
from schemas.trades import LeaderTraded, SmartTraded, TradeSeen
from streams.classify.ledger import Position, Step, Verdict, fold, fold_undone, verdict
from streams.classify.reading import Refused, Watched, key_of, named_token
from streams.classify.standing import Held, KnownTrade, Ledger, Standing, place_in_transaction
from streams.kafka.guard import DeadMessage, Send
from streams.topology import COPY_LEADER, SMART_TRADER, Topic

TOPIC_OF: Final[dict[AddressType, Topic]] = {
    AddressType.COPY_LEADER: COPY_LEADER,
    AddressType.SMART_TRADER: SMART_TRADER,
}


class Sorted(NamedTuple):
    """A new trade with what was said about it in each role."""

    trade: TradeSeen
    traded_at: datetime
    appended_at: datetime
    content: bytes
    said: dict[AddressType, LeaderTraded]
    messages: dict[AddressType, bytes]


class Missing(NamedTuple):
    """Where a message of a watched wallet lies that became a dead letter; ``topic`` is the full name."""

    wallet: str
    topic: str
    partition: int
    offset: int


class Lost(NamedTuple):
    """A message of a watched wallet that names a token and could not be applied: its holders are told (SAFETY R18)."""

    wallet: str
    token_id: str
    place: str
    reason: str


@dataclass(slots=True)
class Outcome:
    """What a batch changes, and what it sends."""

    new: list[Sorted] = field(default_factory=list)
    opened: set[tuple[str, AddressType]] = field(default_factory=set)
    begun: set[tuple[str, AddressType]] = field(default_factory=set)
    moved: set[tuple[AddressType, str, str]] = field(default_factory=set)
    counted: set[tuple[str, AddressType]] = field(default_factory=set)
    missing: list[Missing] = field(default_factory=list)
    lost: list[Lost] = field(default_factory=list)
    sends: list[Send] = field(default_factory=list)
    dead: list[DeadMessage] = field(default_factory=list)
    repeated: int = 0


def sort(items: Sequence[Watched | Refused], standing: Standing, now: datetime) -> Outcome:
    """Fold the items, in order, onto the standing, which is moved on; the outcome names what has changed."""
    outcome = Outcome()
    for item in items:
        if isinstance(item, Refused):
            _refuse(item.dead, item.wallet, standing, outcome)
            continue
        trade = item.trade
        content = trade.content_hash()
        known = standing.known.get((trade.wallet, trade.trade_id))
        match verdict(known.content if known is not None else None, content):
            case Verdict.DUPLICATE:
                assert known is not None, "only what is known can be a duplicate"
                outcome.repeated += 1
                _say_again(known, item.received.traceparent, outcome)
            case Verdict.CONFLICTING_DUPLICATE:
                detail = f"{trade.trade_id} is stored with other content"
                dead = DeadMessage(item.received, DeadLetterReason.CONFLICTING_DUPLICATE, detail)
                _refuse(dead, trade.wallet, standing, outcome)
            case Verdict.APPLIED:
                objection = _objection(item, standing)
                if objection is not None:
                    _refuse(objection, trade.wallet, standing, outcome)
                else:
                    _apply(item, content, standing, now, outcome)
    return outcome


def _say_again(known: KnownTrade, traceparent: str | None, outcome: Outcome) -> None:
    for role, topic in TOPIC_OF.items():
        message = known.message(role)
        if message is not None:
            outcome.sends.append(Send(topic, known.wallet, message, traceparent))


def _refuse(dead: DeadMessage, wallet: str | None, standing: Standing, outcome: Outcome) -> None:
    """A dead letter; the positions of its watched wallet are unsure until it is redriven or put away (SAFETY R18)."""
    outcome.dead.append(dead)
    if wallet is None:
        return
    outcome.missing.append(missing(dead, wallet))
    outcome.lost += lost_by([dead], wallet)
    standing.lacking.add(wallet)


def missing(dead: DeadMessage, wallet: str) -> Missing:
    """Where the wallet's message lies."""
    received = dead.received
    return Missing(wallet, received.topic, received.partition, received.offset)


def lost_by(dead: Sequence[DeadMessage], wallet: str | None = None) -> list[Lost]:
    """What holders are told of these dead letters; the wallet is the key's unless it is given."""
    lost = []
    for message in dead:
        token_id = named_token(message.received)
        if token_id is not None:
            whose = wallet or key_of(message.received)
            lost.append(Lost(whose, token_id, message.received.place, message.reason.value))
    return lost


def _objection(item: Watched, standing: Standing) -> DeadMessage | None:
    """Why a message with a new id is none we may apply: the same fill under another name (R10), nothing to undo."""
    trade = item.trade
    if trade.tx_hash is not None:
        for other in standing.by_transaction.get((trade.wallet, trade.tx_hash), ()):
            if same := _same_fill(trade, other):
                return DeadMessage(item.received, DeadLetterReason.SAME_FILL_OTHER_ID, same)
    if trade.undoes is None:
        return None
    undone = standing.known.get((trade.wallet, trade.undoes))
    if undone is None or undone.kind is TradeKind.UNDONE:
        return DeadMessage(item.received, DeadLetterReason.UNDONE_UNKNOWN, f"{trade.undoes} is not known")
    if undone.token_id != trade.token_id:
        detail = f"{trade.undoes} is of another token"
        return DeadMessage(item.received, DeadLetterReason.INCONSISTENT, detail)
    if by := standing.undone.get((trade.wallet, trade.undoes)):
        detail = f"{trade.undoes} was undone by {by} already"
        return DeadMessage(item.received, DeadLetterReason.UNDONE_UNKNOWN, detail)
    return None


def _same_fill(trade: TradeSeen, other: KnownTrade) -> str | None:
    """A sentence when a stored message of the transaction is this fill under another id."""
    if TradeKind.UNDONE in (trade.kind, other.kind) or trade.tx_hash is None:
        return None
    if other.source is not trade.source:
        return (
            f"transaction {trade.tx_hash} came through the door {other.source} as {other.trade_id}; "
            "one wallet has one door at a time"
        )
    place = place_in_transaction(trade.trade_id, trade.tx_hash)
    if place is not None and place == place_in_transaction(other.trade_id, trade.tx_hash):
        return f"place {place} of transaction {trade.tx_hash} is stored as {other.trade_id}"
    return None


def _apply(item: Watched, content: bytes, standing: Standing, now: datetime, outcome: Outcome) -> None:
    trade = item.trade
    traded_at = counted_at(item)
    said: dict[AddressType, LeaderTraded] = {}
    for role in sorted(item.held.since):
        ledger = _ledger(item, role, standing, outcome)
        position = standing.position(role, trade.wallet, trade.token_id, unsure=ledger.unsure)
        if trade.undoes is None:
            step = fold(position, trade.kind, trade.side, trade.size, traded_at)
        else:
            step = _undo(standing.known[trade.wallet, trade.undoes], role, ledger, position, traded_at)
        ledger.last_number += 1
        doubt = _doubt(item, position, step, lacking=trade.wallet in standing.lacking)
        kept = replace(step.position, unsure=False) if doubt.sure_again else step.position
        standing.positions[role, trade.wallet, trade.token_id] = Held(kept, ledger.last_number)
        outcome.moved.add((role, trade.wallet, trade.token_id))
        outcome.counted.add((trade.wallet, role))
        said[role] = _message(item, role, step, ledger, now=now, doubt=doubt)
    messages = {role: message.encode() for role, message in said.items()}
    traceparent = item.received.traceparent
    outcome.sends += [Send(TOPIC_OF[role], trade.wallet, messages[role], traceparent) for role in messages]
    outcome.new.append(Sorted(trade, traded_at, item.received.appended_at, content, said, messages))
    standing.add([_as_known(trade, content, messages)])


class _Doubt(NamedTuple):
    """Whether trades may be missing in what the message counted with; ``for_now``: only for a dead letter that is not
    seen to; ``sure_again``: the position is sure from here on, though this message was not."""

    unsure: bool
    for_now: bool
    sure_again: bool


def _doubt(item: Watched, position: Position, step: Step, *, lacking: bool) -> _Doubt:
    """Who sends away, to the dust, what we saw him get, had no more: what comes after begins at 0
    (docs/decisions/0026). What a reorg takes back shows nothing, and while a message is missing nothing is shown."""
    unsure = position.unsure or step.position.unsure
    whole = step.ended and step.gap == 0 and item.trade.kind is not TradeKind.UNDONE
    return _Doubt(unsure or lacking, lacking and not unsure, unsure and whole and not lacking)


def _ledger(item: Watched, role: AddressType, standing: Standing, outcome: Outcome) -> Ledger:
    """The wallet's ledger in this role; a wallet that was without the role begins anew (SAFETY R16)."""
    wallet, since = item.trade.wallet, item.held.since[role]
    ledger = standing.ledgers.get((wallet, role))
    if ledger is None:
        ledger = Ledger(0, since or item.held.version, unsure=True)
        standing.ledgers[wallet, role] = ledger
        outcome.opened.add((wallet, role))
    elif since > ledger.since_version:
        ledger.since_version, ledger.unsure = since, True
        outcome.begun.add((wallet, role))
        for key, held in standing.positions.items():
            if key[:2] == (role, wallet):
                # What it traded before stays known: a first entry is the first ever (RULES §7).
                anew = replace(held.position, shares=ZERO, gap=ZERO, unsure=True, buys=None, sells=None)
                standing.positions[key] = Held(anew, held.number)
    return ledger


def _undo(undone: KnownTrade, role: AddressType, ledger: Ledger, position: Position, at: datetime) -> Step:
    """Move back what the undone message moved in this ledger: nothing, when it stood in none or in an older one."""
    message = undone.message(role)
    kind = LeaderTraded if role is AddressType.COPY_LEADER else SmartTraded
    said = kind.decode(message) if message is not None else None
    # A reorg may bring the same fill back under its id, which then changes nothing: the position is unsure.
    position = replace(position, unsure=True)
    if said is None or said.role_version < ledger.since_version:
        return fold_undone(position, ZERO, ZERO, at)
    return fold_undone(position, said.position_before, said.position_after, at)


def counted_at(item: Watched) -> datetime:
    """When the fill counts as traded: no later than it was on a topic first (SAFETY R17, R18)."""
    return min(item.trade.traded_at, item.received.known_at)


def _message(
    item: Watched, role: AddressType, step: Step, ledger: Ledger, *, now: datetime, doubt: _Doubt
) -> LeaderTraded:
    facts = item.trade.model_dump(exclude={"schema_version", "traded_at"})
    counted = counted_at(item)
    more = {
        "traded_at": counted,
        "stamped_at": None if counted == item.trade.traded_at else item.trade.traded_at,
        "number": ledger.last_number,
        "position_before": step.before,
        "position_after": step.after,
        "gap": step.gap,
        "ended": step.ended,
        "unsure": doubt.unsure,
        "unsure_for_now": True if doubt.for_now else None,
        "sure_again": True if doubt.sure_again else None,
        "burst_started_at": step.burst_started_at,
        "role_version": item.held.version,
        "ledger_since": ledger.since_version,
        "appended_at": item.received.appended_at,
        "classified_at": now,
    }
    if role is AddressType.COPY_LEADER:
        return LeaderTraded(**facts, **more)
    return SmartTraded(**facts, **more, first_entry=step.first_entry)


def _as_known(trade: TradeSeen, content: bytes, messages: dict[AddressType, bytes]) -> KnownTrade:
    return KnownTrade(
        trade.wallet,
        trade.trade_id,
        trade.kind,
        trade.source,
        trade.token_id,
        trade.tx_hash,
        trade.undoes,
        content,
        messages.get(AddressType.COPY_LEADER),
        messages.get(AddressType.SMART_TRADER),
    )
