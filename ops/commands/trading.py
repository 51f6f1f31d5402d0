"""`polycool trading`: the only process with keys; signs, posts, reconciles."""

from __future__ import annotations

from ops.ground import check_ground, check_no_shadow, ground


def command() -> None:
    """Run the trading process: the only one with keys."""
    place = ground()
    check_no_shadow(place)
    check_ground(place)
    # Imported late: a process that may not start need not load it.
    from streams.trading.settings import TradingSettings
    from streams.trading.worker import run

    run(TradingSettings())
