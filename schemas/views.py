"""What the API shows: amounts, prices and shares as decimal text, times in RFC 3339 UTC (UX §5)."""

from __future__ import annotations

from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict

from schemas.allocations import AllocationSettings
from schemas.base import Moment
from schemas.enums import AddressType, AllocationState, CopyState, Reason, RejectReason, Side, Venue
from schemas.money import DecimalText

Item = TypeVar("Item")


class View(BaseModel):
    """Something shown; what is not known is null."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class FieldError(View):
    """One field that is wrong: its place (``settings.budget_usdc``), what came, what is allowed."""

    field: str
    value: str | None = None
    allowed: str | None = None
    message: str


class Problem(View):
    """RFC 9457; ``code`` is of a closed set, ``instance`` the request's id."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    errors: tuple[FieldError, ...] = ()
    retry_after: int | None = None


class Page(View, Generic[Item]):
    """Part of a list, newest first; ``next_cursor`` is null at the end."""

    items: tuple[Item, ...]
    next_cursor: str | None
    as_of: Moment


class AccountView(View):
    """A user's money at one venue. ``cash_usdc`` is settled and includes ``reserved_usdc`` (open BUYs);
    ``free_usdc`` is what is left; ``at_work_usdc`` is the cost of open lots."""

    account_id: str
    venue: Venue
    state: str
    wallet: str | None
    cash_usdc: DecimalText
    reserved_usdc: DecimalText
    free_usdc: DecimalText
    at_work_usdc: DecimalText
    realised_usdc: DecimalText
    opened_at: Moment
    armed_at: Moment | None = None
    day_cap_usdc: DecimalText | None = None
    next_day_cap_usdc: DecimalText | None = None
    next_day_cap_from: Moment | None = None
    day_bought_usdc: DecimalText | None = None
    stopped_by: str | None = None
    credit_from: Moment | None = None


class UserView(View):
    """A person, with their accounts."""

    user_id: str
    label: str
    telegram_id: int | None
    created_at: Moment
    language: str = "en"
    time_zone: str = "UTC"
    quick_amounts: tuple[DecimalText, ...] = ()
    operator: bool = False
    unreachable_at: Moment | None = None
    accounts: tuple[AccountView, ...] = ()


class CreditView(View):
    """Paper money that was asked for; ``booked`` once it is in the account's cash."""

    credit_id: str
    account_id: str
    usdc: DecimalText
    asked_at: Moment
    booked: bool


class WatchedAddressView(View):
    """A watched wallet. ``version`` grows with each change of ``roles``."""

    wallet: str
    roles: tuple[AddressType, ...]
    version: int
    label: str | None
    win_rate: DecimalText | None
    added_at: Moment
    updated_at: Moment


class AllocationStanding(View):
    """How a following does: money, what became of today's trades (00:00 UTC), how late, whether all were answered.

    ``at_work_usdc`` is what the budget counts: the cost of open lots and the reserves of open BUYs. ``worth_usdc`` and
    ``open_usdc`` are null where a price is not known; ``result_usdc`` is what was realised and, where known, what is
    open. ``under_way`` are BUYs that may yet fill; delays are from the leader's trade to the exchange's answer;
    ``every_seconds`` is how far apart the leader's last fifty trades were.
    """

    at_work_usdc: DecimalText
    positions: int
    worth_usdc: DecimalText | None
    open_usdc: DecimalText | None
    realised_usdc: DecimalText
    fees_usdc: DecimalText
    result_usdc: DecimalText
    under_way: int
    copied_today: int
    skipped_today: int
    bought_today_usdc: DecimalText
    skips_today: dict[Reason, int]
    due_today: int
    answered_today: int
    delay_p50_seconds: DecimalText | None
    delay_p95_seconds: DecimalText | None
    last_trade_at: Moment | None
    every_seconds: int | None


class AllocationView(View):
    """One user follows one leader. ``starting`` until the leader's trades are read; ``active_from`` is then the time
    from which they are copied. ``sentence`` says the settings in words. ``label`` is what this user calls the leader;
    ``leader_label`` is that, or the name everybody sees."""

    allocation_id: str
    user_id: str
    account_id: str
    leader: str
    leader_label: str | None
    venue: Venue
    state: AllocationState
    version: int
    settings: AllocationSettings
    starting: bool
    active_from: Moment | None
    buys_from: Moment | None
    created_at: Moment
    changed_at: Moment
    ended_at: Moment | None
    sentence: str = ""
    label: str | None = None
    standing: AllocationStanding | None = None


class AllocationVersion(View):
    """One version of an allocation, as it stood from ``changed_at`` on."""

    version: int
    state: AllocationState
    settings: AllocationSettings
    changed_by: str
    changed_at: Moment


class Warned(View):
    """Settings that are allowed but do something a person may not expect."""

    code: str
    field: str
    message: str


class Checked(View):
    """What settings would be; nothing was saved. ``buys_too_small`` of the leader's ``buys`` (at most 30 days back)
    would not reach the smallest allowed copy; both null where that does not depend on the leader."""

    valid: bool
    errors: tuple[FieldError, ...] = ()
    warnings: tuple[Warned, ...] = ()
    sentence: str | None = None
    buys: int | None = None
    buys_too_small: int | None = None


class CopyOrderView(View):
    """One trade × one allocation: the decision and what became of it.

    ``usdc`` is what was paid (BUY) or received (SELL) before fees; ``seen_at`` is when the trade reached us.
    """

    copy_order_id: str
    allocation_id: str
    allocation_version: int
    user_id: str
    leader: str
    leader_label: str | None
    venue: Venue
    trade_id: str
    side: Side
    token_id: str
    question: str | None
    outcome: str | None
    state: CopyState
    reason: Reason | None
    reject_reason: RejectReason | None
    reduced_by: Reason | None
    amount_usdc: DecimalText | None
    shares: DecimalText | None
    limit_price: DecimalText | None
    filled_shares: DecimalText
    usdc: DecimalText
    fee_usdc: DecimalText
    realised_usdc: DecimalText
    reversed: bool
    late_fill: bool
    attempts: int
    traded_at: Moment
    seen_at: Moment
    decided_at: Moment
    ended_at: Moment | None


class CopySummary(View):
    """How many copy orders, by state and by reason; ``answered`` have ended."""

    total: int
    answered: int
    by_state: dict[CopyState, int]
    by_reason: dict[Reason, int]
    bought_usdc: DecimalText
    sold_usdc: DecimalText
    fee_usdc: DecimalText
    realised_usdc: DecimalText
    as_of: Moment


class PositionView(View):
    """Shares held because of one leader, or by hand. ``cost_usdc`` includes fees."""

    position_id: str
    owner: str
    allocation_id: str | None
    leader: str | None
    leader_label: str | None
    venue: Venue
    token_id: str
    market_id: str
    question: str | None
    outcome: str | None
    shares: DecimalText
    cost_usdc: DecimalText
    average_price: DecimalText | None
    realised_usdc: DecimalText
    fees_usdc: DecimalText
    payout: DecimalText | None
    end_at: Moment | None
    opened_at: Moment
    closed_at: Moment | None
    closed_by: str | None
    bid: DecimalText | None = None
    price_at: Moment | None = None
    worth_usdc: DecimalText | None = None
    open_usdc: DecimalText | None = None
