"""Recommended purchases of smart traders as people see them, with how sure their facts are (UX S12, N15)."""

from __future__ import annotations

from schemas.base import Moment
from schemas.market_views import PriceView
from schemas.money import DecimalText
from schemas.views import View
from schemas.wallet_views import WinRateView


class ScoreView(View):
    """How a wallet's ended signals did, per share and net of fees; null in a field: too few to say."""

    signals: int
    after_1h_usdc: DecimalText | None
    after_24h_usdc: DecimalText | None
    after_24h_net_usdc: DecimalText | None
    at_end_usdc: DecimalText | None
    at_end_net_usdc: DecimalText | None


class SignalView(View):
    """A recommended purchase of a smart trader; never an order by itself. ``moved`` is the best offer less their
    average price; ``consensus`` counts other smart traders who bought this outcome within 24 h; ``held_usdc`` is what
    the wallet has put into this outcome in all."""

    signal_id: str
    wallet: str
    wallet_label: str | None
    win_rate: DecimalText | None
    token_id: str
    question: str | None
    outcome: str | None
    category: str | None
    end_at: Moment | None
    usdc: DecimalText
    shares: DecimalText
    average_price: DecimalText
    fills: int
    first_entry: bool
    first_at: Moment
    last_at: Moment
    fresh: bool = False
    price: PriceView | None = None
    moved: DecimalText | None = None
    consensus: int = 0
    held_usdc: DecimalText | None = None
    wallet_win_rate: WinRateView | None = None
    wallet_score: ScoreView | None = None
    wallet_seen_since: Moment | None = None
    wallet_result_usdc: DecimalText | None = None


class SmartStatistics(View):
    """Of all smart traders we watch."""

    wallets: int
    active_24h: int
    signals_24h: int
    first_entries_24h: int
    graded: int
    after_24h_net_usdc: DecimalText | None
    as_of: Moment
