"""What the bot counts, in a registry of its own."""

from __future__ import annotations

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
)

# A tap is answered within 300 ms (p95); the longest waits are those of a change.
_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0)


class Metrics:
    """Prometheus metrics of one process."""

    def __init__(self) -> None:
        new = self.registry = CollectorRegistry()
        ProcessCollector(registry=new)
        PlatformCollector(registry=new)
        self.updates = Counter(
            "polycool_bot_updates", "Updates of Telegram.", ("kind", "result"), registry=new
        )
        self.acts = Histogram(
            "polycool_bot_act_seconds",
            "From an update to its screen.",
            ("verb",),
            buckets=_SECONDS,
            registry=new,
        )
        self._requests = Histogram(
            "polycool_bot_api_seconds",
            "Requests to the API, all tries together.",
            ("method", "outcome"),
            buckets=_SECONDS,
            registry=new,
        )
        self._missing = Counter(
            "polycool_bot_missing_texts",
            "Texts a language lacks; said in English.",
            ("language",),
            registry=new,
        )
        self.faults = Counter("polycool_bot_faults", "Acts that failed in us.", ("verb",), registry=new)
        self.waiting = Gauge("polycool_bot_calls_waiting", "Calls of Telegram that wait.", registry=new)

    def asked(self, method: str, outcome: str, seconds: float) -> None:
        """A request to the API ended."""
        self._requests.labels(method, outcome).observe(seconds)

    def missing(self, language: str, _key: str) -> None:
        """A language lacks a text."""
        self._missing.labels(language).inc()
