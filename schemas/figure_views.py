"""What stands behind the numbers of the operators' console, list by list."""

from __future__ import annotations

from schemas.base import Moment
from schemas.enums import AllocationState, CopyState, Side, Venue
from schemas.money import DecimalText
from schemas.views import View


class LotHeld(View):
    """Shares of an account, because of one leader or by hand. ``cost_usdc`` of the open ones is its money at work,
    ``realised_usdc`` of all its result."""

    position_id: str
    user_id: str
    account_id: str
    venue: Venue
    allocation_id: str | None
    leader: str | None
    leader_label: str | None
    token_id: str
    question: str | None
    outcome: str | None
    shares: DecimalText
    cost_usdc: DecimalText
    realised_usdc: DecimalText
    fees_usdc: DecimalText
    opened_at: Moment
    closed_at: Moment | None
    closed_by: str | None


class OrderSent(View):
    """One order at an exchange: of a copy, by hand, or (neither) a sale that ends what a copy left behind."""

    order_hash: str
    copy_order_id: str | None
    manual_order_id: str | None
    user_id: str
    account_id: str
    venue: Venue
    side: Side
    token_id: str
    question: str | None
    outcome: str | None
    attempt: int
    state: str
    amount_usdc: DecimalText | None
    shares: DecimalText | None
    limit_price: DecimalText
    filled_shares: DecimalText
    filled_usdc: DecimalText
    fee_usdc: DecimalText
    posts: int
    cause: str
    signed_at: Moment
    posted_at: Moment | None
    answered_at: Moment | None


class FollowingHeld(View):
    """One user follows one leader, not ended: its budget, money at work and result."""

    allocation_id: str
    user_id: str
    label: str
    account_id: str
    venue: Venue
    leader: str
    leader_label: str | None
    state: AllocationState
    budget_usdc: DecimalText | None
    at_work_usdc: DecimalText
    realised_usdc: DecimalText
    created_at: Moment
    active_from: Moment | None


class DecidedTrade(View):
    """One message of a leader by its number in the ledger, and how many copy orders it called for."""

    number: int
    trade_id: str
    kind: str
    side: Side
    token_id: str | None
    question: str | None
    outcome: str | None
    size: DecimalText | None
    price: DecimalText | None
    usdc: DecimalText | None
    traded_at: Moment
    appended_at: Moment | None
    decided_at: Moment
    allocations: int


class GapRange(View):
    """Where ``shares`` must have come from: after the message ``after_number`` of the token (null: before the ledger
    began) and before the one that showed it. Blocks where the indexer gave them."""

    shares: DecimalText
    after_number: int | None
    number: int
    after: Moment | None
    until: Moment
    first_block: int | None
    last_block: int | None
    trade_id: str


class LedgerGap(View):
    """A token of which a leader gave away ``gap`` shares more than he was seen to get. No range where its messages are
    no longer kept."""

    token_id: str
    question: str | None
    outcome: str | None
    shares: DecimalText
    gap: DecimalText
    unsure: bool
    ranges: tuple[GapRange, ...]


class Silence(View):
    """A range of blocks, both ends included, far longer than is usual here, in which nobody's trade came."""

    first_block: int
    last_block: int
    blocks: int
    after: Moment
    until: Moment


class SkippedBuy(View):
    """A BUY that was not made, and what it would have earned or lost by now, before fees, where wish and price are
    known."""

    copy_order_id: str
    user_id: str
    leader: str
    question: str | None
    outcome: str | None
    state: CopyState
    price: DecimalText | None
    now_price: DecimalText | None
    usdc: DecimalText | None
    would_be_usdc: DecimalText | None
    decided_at: Moment


class UnreadMessage(View):
    """A message that its readers have not committed yet: when the broker took it, and how long ago."""

    offset: int
    key: str | None
    size: int
    appended_at: Moment
    age_seconds: DecimalText


class PartitionView(View):
    """A partition: its first and its next offset, what its readers have committed, how many they have still to read,
    and the oldest of these."""

    topic: str
    partition: int
    first: int
    end: int
    committed: int | None
    behind: int | None
    oldest_unread: UnreadMessage | None
