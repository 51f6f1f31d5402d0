"""What the API counts, in a registry of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

# From a read of one row (1 ms) to the wait that ends in 503.
_SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """Prometheus metrics of one app."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
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
        self.oldest_notice = Gauge(
            "polycool_notices_oldest_seconds",
            "For how long the oldest notice is due that its chat does not show; 0 without one.",
            registry=self.registry,
        )
        self.oldest_message = Gauge(
            "polycool_outbox_oldest_seconds",
            "Age of the oldest message that is committed and not on its topic; 0 without one.",
            registry=self.registry,
        )

    def watch_pool(self, stats: Callable[[], Mapping[str, int]]) -> None:
        """Show a pool's figures; ``stats`` is its own `get_stats`."""
        self.registry.register(_PoolFigures(stats))

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


class _PoolFigures(Collector):
    """The same names as in the other processes (streams/pool_figures.py); neither imports the other."""

    def __init__(self, stats: Callable[[], Mapping[str, int]]) -> None:
        self._stats = stats

    def collect(self) -> Iterator[Metric]:
        """What the pool says now."""
        stats = self._stats()
        for name, said, key in (
            ("polycool_pool_connections", "Connections to Postgres that are open", "pool_size"),
            ("polycool_pool_connections_idle", "Of them, those nobody uses", "pool_available"),
            ("polycool_pool_connections_most", "How many there may be", "pool_max"),
            ("polycool_pool_waiting", "Who waits for a connection", "requests_waiting"),
        ):
            yield GaugeMetricFamily(name, said, value=stats.get(key, 0))
        yield CounterMetricFamily(
            "polycool_pool_refusals",
            "Waits for a connection that ended without one",
            value=stats.get("requests_errors", 0),
        )
