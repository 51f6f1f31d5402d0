"""Wallets as people look at them before they follow: facts with their source, and what is not known (UX S4, S5)."""

from __future__ import annotations

from schemas.base import Moment
from schemas.enums import AddressType, Side, TradeKind
from schemas.money import DecimalText
from schemas.views import View


class ResolvedWallet(View):
    """An address out of what somebody sent. ``allocation_id``: followed already; ``known``: a trade of it is known."""

    wallet: str
    label: str | None
    known: bool
    allocation_id: str | None


class Resolved(View):
    """One or several; what cannot be one is refused with the words of UX S4a."""

    items: tuple[ResolvedWallet, ...]


class Unknown(View):
    """A fact that is not known, and why, in words."""

    field: str
    why: str


class CategoryShare(View):
    """Of all that was bought in the window, in percent by money."""

    category: str
    percent: DecimalText


class WinRateView(View):
    """``least`` is the lower end of the 95 % interval (Wilson) of ``rate`` over ``ended`` markets or signals."""

    rate: DecimalText
    least: DecimalText
    ended: int
    source: str


class WalletView(View):
    """What is known of a wallet over ``days`` days; amounts in USDC. What stands in ``unknown`` is null."""

    wallet: str
    label: str | None
    roles: tuple[AddressType, ...]
    loading: bool
    days: int
    seen_since: Moment | None
    last_trade_at: Moment | None
    trades_per_day: DecimalText | None
    every_seconds: int | None
    buys: int
    sells: int
    markets: int
    stake_median_usdc: DecimalText | None
    stake_largest_usdc: DecimalText | None
    categories: tuple[CategoryShare, ...]
    price_low: DecimalText | None
    price_high: DecimalText | None
    result_usdc: DecimalText | None
    result_markets: int
    result_without_best_usdc: DecimalText | None
    value_usdc: DecimalText | None
    value_at: Moment | None
    win_rate: WinRateView | None
    buys_over_minimum: int
    allocation_id: str | None
    unknown: tuple[Unknown, ...]
    as_of: Moment


class WalletTradeView(View):
    """One trade of a watched wallet."""

    trade_id: str
    kind: TradeKind
    side: Side
    token_id: str
    question: str | None
    outcome: str | None
    size: DecimalText
    price: DecimalText | None
    usdc: DecimalText | None
    tx_hash: str | None
    traded_at: Moment


class LeaderView(View):
    """A suggested leader: seen at least 30 days with at least 20 ended markets (SAFETY R34). Never a number of
    followers or their money."""

    wallet: str
    label: str | None
    trades_per_day: DecimalText
    stake_median_usdc: DecimalText
    ended_markets: int
    seen_since: Moment
    last_trade_at: Moment
    result_usdc: DecimalText | None
    categories: tuple[str, ...]
    allocation_id: str | None
