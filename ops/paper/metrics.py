"""What the paper exchange counts, in a registry of its own."""

from __future__ import annotations

from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)

# An order takes a few milliseconds; conduct may let it hang for as long as a POST is waited for.
_SECONDS: Final = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
PATH: Final = "/metrics"


class Metrics:
    """Prometheus metrics of one exchange."""

    def __init__(self) -> None:
        new = self.registry = CollectorRegistry()
        ProcessCollector(registry=new)
        PlatformCollector(registry=new)
        self.requests = Counter(
            "polycool_paper_requests", "Requests answered.", ("method", "code"), registry=new
        )
        self.request_seconds = Histogram(
            "polycool_paper_request_seconds",
            "Time to the answer, what conduct lets it wait included.",
            ("method",),
            buckets=_SECONDS,
            registry=new,
        )

    def answered(self, method: str, code: str, seconds: float) -> None:
        """A request was answered with this code (`cut` and `garbled` are answers of conduct)."""
        self.requests.labels(method, code).inc()
        self.request_seconds.labels(method).observe(seconds)

    def text(self) -> bytes:
        """The metrics as Prometheus reads them."""
        return generate_latest(self.registry)
