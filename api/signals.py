"""A signal's row as people see it: with the price now, and how sure the facts of its wallet are."""

from __future__ import annotations

from typing import Any, Final

from api.routes.results import price_of
from api.wallets import win_rate_of
from schemas.signal_views import ScoreView, SignalView

_SCORE: Final = (
    "signals", "after_1h_usdc", "after_24h_usdc", "after_24h_net_usdc", "at_end_usdc", "at_end_net_usdc",
)  # fmt: skip


def signal_view(row: dict[str, Any]) -> SignalView:
    """The view; a wallet that was never graded has no score."""
    score = {name: row.pop(name) for name in _SCORE}
    sure = win_rate_of(
        row.pop("result_markets"), row.pop("won_markets"), row["win_rate"], row.pop("imported_markets")
    )
    price = price_of(row)
    return SignalView.model_validate(
        row
        | {
            "price": price,
            "wallet_win_rate": sure,
            "wallet_score": None if score["signals"] is None else ScoreView.model_validate(score),
        }
    )
