"""What the API counts, in a registry of its own."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

# From a read of one row (1 ms) to the wait that ends in 503.
_SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """Prometheus metrics of one app."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "polycool_api_requests", "Requests answered.", ("route", "method", "code"), registry=self.registry
        )
        self.request_seconds = Histogram(
            "polycool_api_request_seconds",
            "Time to the answer.",
            ("route",),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.webhook_trades = Counter(
            "polycool_webhook_trades",
            "Trades that came by webhook.",
            ("door", "result"),
            registry=self.registry,
        )
        self.confirm_seconds = Histogram(
            "polycool_webhook_confirm_seconds",
            "From handing trades to the broker until it confirmed them.",
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.broker_failures = Counter(
            "polycool_webhook_broker_failures", "Trades the broker did not confirm.", registry=self.registry
        )
        self.pool_waiting = Gauge(
            "polycool_api_pool_waiting", "Requests that wait for a connection.", registry=self.registry
        )

        self._of: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    def answered(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count a request. Which counters are its is kept: to look them up takes longer than to count."""
        kept = self._of.get((route, method, status))
        if kept is None:
            kept = self.requests.labels(route, method, status), self.request_seconds.labels(route)
            self._of[route, method, status] = kept
        counted, timed = kept
        counted.inc()
        timed.observe(seconds)

    def text(self) -> bytes:
        """The metrics as Prometheus reads them."""
        return generate_latest(self.registry)
