"""Figures that only the streams process knows, asked at its loopback door (`/metrics`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import httpx
from prometheus_client.parser import text_string_to_metric_families

# A process that does not answer within this is shown as unknown; the picture goes on.
ANSWER_SECONDS: Final = 0.8


@dataclass(frozen=True, slots=True)
class StreamsFigures:
    """Messages handled since the process' start and the last batch's lag in seconds, by stage; trades by role."""

    messages: Mapping[str, float] = field(default_factory=dict)
    lag_seconds: Mapping[str, float] = field(default_factory=dict)
    classified: Mapping[str, float] = field(default_factory=dict)
    repeated: float = 0.0


async def streams_figures(client: httpx.AsyncClient, port: int | None) -> StreamsFigures | None:
    """What the streams process on this port says of itself; none when there is no answer."""
    if port is None:
        return None
    try:
        answer = await client.get(f"http://127.0.0.1:{port}/metrics", timeout=ANSWER_SECONDS)
        answer.raise_for_status()
    except httpx.HTTPError:
        return None
    return read(answer.text)


def read(text: str) -> StreamsFigures:
    """The figures in Prometheus' text form."""
    messages: dict[str, float] = {}
    lag: dict[str, float] = {}
    classified: dict[str, float] = {}
    repeated = 0.0
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if sample.name == "polycool_messages_total":
                messages[sample.labels["stage"]] = sample.value
            elif sample.name == "polycool_lag_seconds":
                lag[sample.labels["stage"]] = sample.value
            elif sample.name == "polycool_classified_total":
                classified[sample.labels["role"]] = sample.value
            elif sample.name == "polycool_trades_repeated_total":
                repeated = sample.value
    return StreamsFigures(messages, lag, classified, repeated)
