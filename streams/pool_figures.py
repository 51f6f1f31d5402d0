"""Figures of a process' pool of connections to Postgres, read from the pool when somebody asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector


class PoolFigures(Collector):
    """``stats`` is the pool's own `get_stats`."""

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
