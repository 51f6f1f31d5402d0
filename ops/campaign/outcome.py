"""What a campaign came to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from ops.audit.report import Audit
from ops.campaign.feeder import Fed
from ops.campaign.strikes import NEXT_ORDER_SECONDS, Struck
from ops.stack.processes import Restart

# Five looks over 45 s, begun after the last POST could have left, prove that an order is not there (SAFETY R5).
UNKNOWN_SECONDS: Final = 60.0


@dataclass(slots=True)
class Outcome:
    """``findings`` are sentences on what must not be; none means that everything held."""

    seed: int
    fed: Fed = field(default_factory=Fed)
    struck: Sequence[Struck] = ()
    restarts: Sequence[Restart] = ()
    settled_after_seconds: float | None = None
    unknown_seconds: float = 0.0
    faults: Mapping[str, int] = field(default_factory=dict)
    copies: Sequence[Mapping[str, Any]] = ()
    posts: Mapping[str, int] = field(default_factory=dict)
    audit: Audit | None = None
    findings: list[str] = field(default_factory=list)

    def judge(self) -> None:
        """Add what the audit and the measurements say to the findings."""
        for each in self.struck_and_measured():
            took = each.next_order_seconds
            if took is None or took > NEXT_ORDER_SECONDS:
                self.findings.append(f"after {each.victim} the next order was out after {took} s")
        if self.unknown_seconds > UNKNOWN_SECONDS:
            self.findings.append(
                f"unknown orders ended {self.unknown_seconds} s after the exchange answered again"
            )
        if self.audit is not None:
            for check in self.audit.checks:
                if not check.holds:
                    self.findings.append(
                        f"audit {check.promise} {check.name}: {check.broken} broken, {check.names}"
                    )

    def struck_and_measured(self) -> list[Struck]:
        """The strikes that waited for the next order; they come first."""
        return [each for each in self.struck if each.measured]

    def as_json(self) -> dict[str, Any]:
        """The outcome as one object."""
        by_state: dict[str, int] = {}
        for row in self.copies:
            by_state[row["state"]] = by_state.get(row["state"], 0) + row["copies"]
        return {
            "seed": self.seed,
            "messages": dict(self.fed.messages),
            "by_webhook": self.fed.by_webhook,
            "copyable_trades": sum(len(trades) for trades in self.fed.copyable.values()),
            "struck": [each.as_json() for each in self.struck],
            "restarts": dict(
                sorted(Counter(f"{each.name} {each.exit_code}" for each in self.restarts).items())
            ),
            "struck_by": dict(sorted(Counter(f"{each.how} {each.victim}" for each in self.struck).items())),
            "faults": self.faults,
            "unknown_ended_after_seconds": self.unknown_seconds,
            "settled_after_seconds": self.settled_after_seconds,
            "copy_orders": by_state,
            "reasons": {f"{row['state']} {row['reason']}".strip(): row["copies"] for row in self.copies},
            **self.posts,
            "audit": None if self.audit is None else self.audit.as_json(),
            "findings": self.findings,
        }
