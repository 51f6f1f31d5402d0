"""Every figure of every process, walked as Prometheus would read it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import Metric

from api.metrics import Metrics as ApiMetrics
from bot.metrics import Metrics as BotMetrics
from ops.audit.figures import Figures as AuditFigures
from ops.paper.metrics import Metrics as PaperMetrics
from streams.metrics import Metrics as StreamsMetrics
from streams.pool_figures import PoolFigures
from streams.topology import WAY
from streams.trading.figures import Figures as TradingFigures

# What Prometheus knows by itself of each target it reads.
OF_PROMETHEUS: Final = frozenset({"up"})
_NAME: Final = re.compile(r"\b(?:polycool|process|python)_[a-z0-9_]+|\bup\b")
_IN_BRACES: Final = re.compile(r"\{[^{}]*\}")


def _no_pool() -> dict[str, int]:
    return {}


def registries() -> dict[str, CollectorRegistry]:
    """The registry of each process as it is at its start, and of the audit."""
    streams = StreamsMetrics(lambda: datetime.now(UTC))
    for stage in WAY:
        streams.counted(stage.name)
        streams.watch(stage.name, lambda: None, lambda: 0)
    streams.registry.register(PoolFigures(_no_pool))
    trading = TradingFigures()
    trading.registry.register(PoolFigures(_no_pool))
    api = ApiMetrics()
    api.watch_pool(_no_pool)
    return {
        "streams": streams.registry,
        "trading": trading.registry,
        "api": api.registry,
        "bot": BotMetrics().registry,
        "paper": PaperMetrics().registry,
        "audit": AuditFigures().registry,
    }


def families() -> list[tuple[str, Metric]]:
    """Each figure with its process."""
    return [(process, family) for process, registry in registries().items() for family in registry.collect()]


def series_names() -> frozenset[str]:
    """Every name that a query may use."""
    names = set(OF_PROMETHEUS)
    for _process, family in families():
        if family.type == "counter":
            names.add(f"{family.name}_total")
        elif family.type == "histogram":
            names |= {f"{family.name}_{part}" for part in ("bucket", "sum", "count")}
        else:
            names.add(family.name)
    return frozenset(names)


def names_in(query: str) -> frozenset[str]:
    """The figures a query reads; what stands in braces are labels."""
    return frozenset(_NAME.findall(_IN_BRACES.sub("", query)))
