"""What a demo came to: the object of DESIGN §9, read from the tables when all is over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ops.audit.report import Audit
from ops.demo.asking import Questions
from ops.demo.player import Sent
from ops.demo.probe import percentiles

_NAMES: Final = ("p50", "p95", "p99", "max")
_FROM_TABLES: Final = ("append_to_classified", "append_to_committed", "append_to_post")


@dataclass(frozen=True, slots=True)
class Outcome:
    """``trades`` are distinct ones; a trade of a wallet with both roles counts in both; milliseconds."""

    trades: int
    classified: Mapping[str, int]
    by_state: Mapping[str, int]
    by_reason: Mapping[str, int]
    orders: int
    latency_ms: Mapping[str, Mapping[str, float] | None]
    audit: Audit

    def as_json(self) -> dict[str, Any]:
        """The object of DESIGN §9."""
        return {
            "trades": self.trades,
            "classified": dict(self.classified),
            "copy_orders": {"by_state": dict(self.by_state), "by_reason": dict(self.by_reason)},
            "orders": self.orders,
            "latency_ms": dict(self.latency_ms),
            "audit": self.audit.as_json(),
        }


async def outcome(asked: Questions, sent: Sent, dead: int, visible: Sequence[float], audit: Audit) -> Outcome:
    """Read it. ``visible`` are the probe's samples (see ops.demo.probe), ``dead`` the dead letters.

    What classify let go is what was sent and is neither stored nor a dead letter.
    """
    copies = await asked.rows("copies")
    sorted_ = await asked.row("classified")
    latency: dict[str, Mapping[str, float] | None] = {}
    for name in _FROM_TABLES:
        found = (await asked.row(name))["ms"]
        known = found is not None and found[0] is not None
        latency[name] = (
            {key: round(float(value), 2) for key, value in zip(_NAMES, found, strict=True)} if known else None
        )
    latency["append_to_visible"] = percentiles(visible)
    return Outcome(
        trades=sent.trades,
        classified={
            "copy_leader": sorted_["copy_leader"],
            "smart_trader": sorted_["smart_trader"],
            "unwatched": sent.trades - sorted_["stored"] - dead,
        },
        by_state=_summed(copies, "state"),
        by_reason=_summed(copies, "reason"),
        orders=(await asked.row("orders"))["orders"],
        latency_ms=latency,
        audit=audit,
    )


def _summed(copies: Sequence[Mapping[str, Any]], field: str) -> dict[str, int]:
    sums: dict[str, int] = {}
    for row in copies:
        if row[field] is not None:
            sums[row[field]] = sums.get(row[field], 0) + row["copies"]
    return dict(sorted(sums.items()))
