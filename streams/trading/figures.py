"""Prometheus figures of the trading process."""

from __future__ import annotations

from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
)

from schemas.enums import Side, Venue
from streams.trading.audit_findings import Outcome
from streams.trading.endings import After

# From a millisecond (the paper exchange) to a minute (an order nobody answers).
SECONDS: Final = (0.001, 0.002, 0.004, 0.008, 0.015, 0.03, 0.06, 0.12, 0.25, 0.5, 1, 2, 5, 10, 30, 60)


class Figures:
    """All figures of this process, in a registry of their own."""

    def __init__(self) -> None:
        new = self.registry = CollectorRegistry()
        ProcessCollector(registry=new)
        PlatformCollector(registry=new)
        self._copies = Counter(
            "polycool_copies",
            "Copy orders that ended, or were planned again",
            ("venue", "side", "state", "reason"),
            registry=new,
        )
        self.late_fills = Counter("polycool_late_fills", "Fills after the end", registry=new)
        self.posts = Counter("polycool_posts", "Answers to POSTs", ("venue", "verdict"), registry=new)
        self.post_seconds = Histogram(
            "polycool_post_seconds", "From the POST to its answer", ("venue",), buckets=SECONDS, registry=new
        )
        self.signed = Counter("polycool_orders_signed", "Orders signed", registry=new)
        self.sign_seconds = Histogram(
            "polycool_claim_seconds", "Claim, sign and store of one batch", buckets=SECONDS, registry=new
        )
        self.arrived_twice = Counter(
            "polycool_orders_arrived_twice",
            "First POSTs whose bytes the exchange said it had already: its duplicate check was the last guard",
            registry=new,
        )
        self.queued = Gauge("polycool_orders_queued", "Signed orders that wait for their POST", registry=new)
        self.halted_sells = Gauge(
            "polycool_halted_sells", "SELLs that wait because nothing may be posted", registry=new
        )
        self.halted = Gauge("polycool_halted", "Whether the switch halt stands (1) or not (0)", registry=new)
        self.left_alone = Gauge(
            "polycool_exchange_left_alone",
            "Whether no order goes there now (1) or not (0)",
            ("venue",),
            registry=new,
        )
        self.unknown = Gauge("polycool_orders_unknown", "Orders nobody knows the end of", registry=new)
        self.oldest_unknown = Gauge(
            "polycool_oldest_unknown_seconds", "Since the last POST of the oldest of them", registry=new
        )
        self._count_what_follows(new)

    def _count_what_follows(self, new: CollectorRegistry) -> None:
        """Bookings, clocks, loops, audits, accounts, settlements."""
        self.booking_failed = Counter("polycool_bookings_failed", "Bookings that failed", registry=new)
        self.clock_ahead = Gauge(
            "polycool_venue_clock_ahead_seconds",
            "The exchange's clock, against ours",
            ("venue",),
            registry=new,
        )
        self.clock_compared_at = Gauge(
            "polycool_venue_clock_compared_timestamp_seconds",
            "When the exchange's clock was last compared with ours",
            ("venue",),
            registry=new,
        )
        self.loop_passed_at = Gauge(
            "polycool_loop_passed_timestamp_seconds",
            "When each loop last came round",
            ("loop",),
            registry=new,
        )
        self.audits = Counter(
            "polycool_account_audits", "Accounts compared with the exchange", ("outcome",), registry=new
        )
        for outcome in Outcome:
            self.audits.labels(outcome.value)
        self.found = Counter(
            "polycool_orders_found",
            "Orders or fills at the exchange that the tables had forgotten",
            registry=new,
        )
        self.keys_refused = Counter("polycool_keys_not_opened", "Sealed keys that did not open", registry=new)
        self.accounts_opened = Counter("polycool_accounts_opened", "Accounts opened", registry=new)
        self.streams_alive = Gauge(
            "polycool_user_streams_alive", "User streams that were heard lately", registry=new
        )
        self.prices = Counter("polycool_prices_read", "Prices of tokens read", ("venue",), registry=new)
        self.settled = Counter("polycool_orders_settled", "Orders settled", ("result",), registry=new)
        for result in ("settled", "failed"):
            self.settled.labels(result)
        self.payouts = Counter("polycool_lots_paid_out", "Lots of resolved markets", registry=new)

    def ended(self, venue: Venue, side: Side, after: After, *, late: bool) -> None:
        """Count what became of a copy order."""
        if late:
            self.late_fills.inc()
            return
        reason = after.reason or after.reject_reason
        self._copies.labels(venue.value, side.value, after.state.value, reason.value if reason else "").inc()
