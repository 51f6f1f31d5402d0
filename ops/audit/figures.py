"""What an audit found, as Prometheus reads it from a file: the node exporter's textfile collector shows it."""

from __future__ import annotations

from pathlib import Path

from prometheus_client import CollectorRegistry, Gauge, write_to_textfile

from ops.audit.report import Audit


class Figures:
    """The figures of one audit, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.violations = Gauge(
            "polycool_audit_violations",
            "What the last audit found broken, by promise",
            ("promise",),
            registry=self.registry,
        )
        self.finished_at = Gauge(
            "polycool_audit_finished_timestamp_seconds", "When the last audit ended", registry=self.registry
        )


def write_figures(audit: Audit, file: Path) -> None:
    """Put the figures into the file, whole or not at all. Raises OSError when it cannot be written."""
    figures = Figures()
    broken: dict[int, int] = {}
    for check in audit.checks:
        broken[check.promise] = broken.get(check.promise, 0) + check.broken
    for promise, found in broken.items():
        figures.violations.labels(str(promise)).set(found)
    figures.finished_at.set_to_current_time()
    write_to_textfile(str(file), figures.registry)
