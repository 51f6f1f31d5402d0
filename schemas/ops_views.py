"""What operators and the indexer are shown (UX §5)."""

from __future__ import annotations

from typing import Any

from schemas.base import Moment
from schemas.enums import CopyState, DeadLetterReason, LetterState, Side, Venue
from schemas.letter_views import LetterChange
from schemas.money import DecimalText
from schemas.views import View


class SwitchChange(View):
    """One change of a switch."""

    stopped: bool
    who: str
    note: str
    changed_at: Moment


class SwitchView(View):
    """An operators' switch with its last changes. ``changed_at`` is null where nobody has touched it."""

    name: str
    stopped: bool
    who: str
    note: str
    changed_at: Moment | None
    history: tuple[SwitchChange, ...] = ()


class RefusedTrade(View):
    """One trade of a batch that was not taken."""

    index: int
    code: str
    field: str
    message: str


class Received(View):
    """The gateway's answer: ``accepted`` trades are confirmed by the broker."""

    accepted: int
    refused: tuple[RefusedTrade, ...] = ()


class Pipeline(View):
    """What operators look at first (UX A1).

    ``behind_seconds`` is the age of the oldest trade of a leader that waits for its decision (0: none does);
    ``hour`` counts the copy orders of the last hour by state; ``exchange`` is ``ok``, ``unclear`` (orders nobody knows
    the end of) or ``away`` (nobody trades). ``armed`` counts the accounts armed for live money, ``live_allowed`` is the
    operators' switch for it. ``notices_failed`` counts what Telegram never took, of the last day. ``parts`` is free of
    a fixed shape.
    """

    ready: bool
    behind_seconds: DecimalText
    hour: dict[CopyState, int]
    unknown: int
    oldest_unknown_seconds: DecimalText | None
    dead_letters: int
    notices_waiting: int
    oldest_notice_seconds: DecimalText | None
    notices_failed: int
    bought_twice: int
    exchange: str
    buys_stopped: bool
    buys_note: str | None
    armed: int
    live_allowed: bool
    version: str
    parts: dict[str, Any]
    as_of: Moment


class UnknownOrder(View):
    """An order at an exchange nobody knows the end of; it ends by proof only. ``looks`` without a fault so far,
    the last at ``looked_at``."""

    order_hash: str
    copy_order_id: str | None
    manual_order_id: str | None
    user_id: str
    account_id: str
    venue: Venue
    side: Side
    token_id: str
    amount_usdc: DecimalText | None
    shares: DecimalText | None
    posts: int
    looks: int
    cause: str
    words: str | None
    signed_at: Moment
    last_posted_at: Moment | None
    looked_at: Moment | None
    age_seconds: DecimalText


class FollowerView(View):
    """A user's account at one venue: paper and live are never summed. Counts and the delay (p95 from their trade to the
    exchange's answer) are of the last 24 hours."""

    user_id: str
    label: str
    account_id: str
    venue: Venue
    followings: int
    at_work_usdc: DecimalText
    realised_usdc: DecimalText
    copied: int
    skipped: int
    failed: int
    delay_p95_seconds: DecimalText | None
    day_cap_usdc: DecimalText | None
    armed_at: Moment | None
    opened_at: Moment


class LeaderView(View):
    """A wallet with the role copy_leader: followers, trades of the last 24 hours, how many of the copies they called
    for were answered, gaps seen in its ledger, since when its value is known, whether its ledger is sure, and how many
    of its messages are dead letters that were neither redriven nor put away."""

    wallet: str
    label: str | None
    followers: int
    trades: int
    due: int
    answered: int
    gaps: int
    value_known_since: Moment | None
    unsure: bool
    missing: int
    added_at: Moment


class DeadLetterView(View):
    """A message that could not be read or handled. ``body`` is the beginning of its bytes as text, what is no text
    escaped; ``body_hex`` the same in hex; ``size`` is of the whole. ``became``: the letter it came back as."""

    letter_id: str
    topic: str
    partition: int
    offset: int
    key: str | None
    reason: DeadLetterReason
    detail: str
    stage: str
    size: int
    sha256: str
    body: str
    body_hex: str
    first_seen_at: Moment
    last_seen_at: Moment
    appended_at: Moment
    state: LetterState = LetterState.DEAD
    note: str = ""
    redrive_id: str | None = None
    became: str | None = None
    changed_at: Moment | None = None


class LetterDetail(DeadLetterView):
    """One letter with what was done about it, oldest first; ``came_of``: the letter whose redrive it came of."""

    came_of: str | None
    history: tuple[LetterChange, ...]


class AccountAudit(View):
    """Our books of an account against the exchange's: ``differences`` are (asset, ours, theirs, taken for)."""

    audit_id: str
    account_id: str
    request_id: str | None
    outcome: str
    why: str
    our_cash: DecimalText | None
    their_cash: DecimalText | None
    differences: list[Any]
    audited_at: Moment


class WaitingNotice(View):
    """A notice that is due and does not stand in the chat, or that Telegram never took (``route`` impossible, with its
    words in ``fault``). What it says is the person's own."""

    notification_id: str
    user_id: str
    label: str | None
    kind: str
    importance: str
    event: str
    route: str | None
    attempts: int
    fault: str | None
    created_at: Moment
    due_at: Moment
    claimed_by: str | None


class ReconcileView(View):
    """A look that was asked for; trading begins it within a second. Its audits carry ``request_id``."""

    request_id: str
    account_id: str | None
    asked_by: str
    asked_at: Moment
    begun_at: Moment | None
    done_at: Moment | None
