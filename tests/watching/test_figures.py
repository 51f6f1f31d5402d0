"""Figures are named by Prometheus' book: a prefix, base units, `_total`, few labels, none of a person."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

from ops.audit.figures import write_figures
from ops.audit.report import Audit, Check
from streams.metrics import GUARDS, Metrics
from tests.watching.exposed import families, registries, series_names

# Labels are closed sets: never a wallet, a token, a user, an order.
LABELS: Final = frozenset({
    "stage", "reason", "role", "venue", "side", "state", "result", "topic", "verdict", "outcome", "route", "method",
    "code", "door", "kind", "verb", "language", "part", "guard", "loop", "promise", "le",
})  # fmt: skip
NOT_BASE: Final = re.compile(
    r"_(ms|millis|milliseconds|us|micros|minutes|hours|days|kb|mb|kilobytes|percent|usdc_cents)(_|$)"
)


def test_names_have_the_prefix_and_base_units() -> None:
    """`polycool_…`, lower-case; times in seconds, sizes in bytes; units at the end, before `_total`."""
    for process, family in families():
        if family.name.startswith(("process_", "python_")):
            continue  # the client library's own
        assert re.fullmatch(r"polycool_[a-z]+(_[a-z]+)*", family.name), (process, family.name)
        assert not NOT_BASE.search(family.name), (process, family.name)
        for unit in ("seconds", "bytes"):
            if unit in family.name:
                assert family.name.endswith(f"_{unit}"), (process, family.name)


def test_counters_end_in_total_and_nothing_else_does() -> None:
    """The library adds `_total`; a gauge that says so would be read as a counter."""
    for process, family in families():
        assert not family.name.endswith("_total"), (process, family.name)
        if family.type == "counter":
            assert f"{family.name}_total" in series_names()


def test_every_figure_says_what_it_is_and_has_few_labels() -> None:
    """Help in words; labels from the list above only."""
    for process, registry in registries().items():
        for collector in registry._collector_to_names:
            named = getattr(collector, "_labelnames", ())
            assert set(named) <= LABELS, (process, collector, named)
        for family in registry.collect():
            assert family.documentation.strip(), (process, family.name)
            labels = {label for sample in family.samples for label in sample.labels}
            assert family.name.startswith("python_") or labels <= LABELS, (process, family.name, labels)


def test_one_name_means_one_thing_in_every_process() -> None:
    """The same figure has the same kind wherever it stands."""
    kinds: dict[str, str] = {}
    for process, family in families():
        assert kinds.setdefault(family.name, family.type) == family.type, (process, family.name)


def test_counters_of_alerts_stand_at_zero_before_their_first_event() -> None:
    """A series that begins at 1 never rises in the eyes of Prometheus: its first event would be silent."""
    at_start = {
        (sample.name, *sample.labels.values())
        for _process, family in families()
        for sample in family.samples
        if sample.value == 0
    }
    assert {("polycool_duplicates_prevented_total", guard) for guard in GUARDS} <= at_start
    assert ("polycool_dead_letters_total", "classify", "UNREADABLE") in at_start
    assert ("polycool_messages_total", "dead_letters") in at_start
    assert ("polycool_account_audits_total", "differs") in at_start
    assert ("polycool_orders_settled_total", "failed") in at_start


def test_lag_grows_while_a_message_is_in_hand_and_falls_when_it_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A stage that hangs shows an age that grows, not that of the last batch it managed."""
    from datetime import UTC, datetime, timedelta

    began = datetime(2026, 1, 1, tzinfo=UTC)
    clock = [began]
    metrics = Metrics(lambda: clock[0])
    in_hand: list[datetime] = [began]
    metrics.watch("classify", lambda: in_hand[0] if in_hand else None, lambda: 4)

    def lag() -> float | None:
        return metrics.registry.get_sample_value("polycool_lag_seconds", {"stage": "classify"})

    clock[0] = began + timedelta(seconds=7)
    assert lag() == 7.0
    clock[0] = began + timedelta(seconds=90)
    assert lag() == 90.0
    in_hand.clear()
    assert lag() == 0.0


def test_an_audit_writes_its_counts_for_the_node_exporter(tmp_path: Path) -> None:
    """By promise, and when it ended."""
    checks = (
        Check(1, "once", {}, broken=2),
        Check(1, "once at the exchange", {}, broken=1),
        Check(8, "money", {}),
    )
    file = tmp_path / "polycool.prom"
    write_figures(Audit(checks), file)
    text = file.read_text()
    assert 'polycool_audit_violations{promise="1"} 3.0' in text
    assert 'polycool_audit_violations{promise="8"} 0.0' in text
    assert "polycool_audit_finished_timestamp_seconds" in text
