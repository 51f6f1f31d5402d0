"""What an audit says: checks with what they counted, and the names of what is broken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

NAMES_MAX = 20


@dataclass(frozen=True, slots=True)
class Check:
    """One promise looked at. ``broken`` counts everything found, ``names`` holds the first twenty.

    ``ran`` is false for a check that was not asked for, or whose part was not there; ``why_not`` says so.
    """

    promise: int
    name: str
    counted: Mapping[str, object]
    broken: int = 0
    names: Sequence[str] = ()
    ran: bool = True
    why_not: str = ""

    @property
    def holds(self) -> bool:
        """True when the check ran and found nothing."""
        return self.ran and self.broken == 0

    def as_json(self) -> dict[str, object]:
        """The check as one JSON object."""
        return {
            "promise": self.promise,
            "name": self.name,
            "ran": self.ran,
            "holds": self.holds,
            "counted": dict(self.counted),
            "broken": self.broken,
            "names": list(self.names),
            **({"why_not": self.why_not} if self.why_not else {}),
        }


@dataclass(frozen=True, slots=True)
class Audit:
    """All checks of one run."""

    checks: tuple[Check, ...]

    @property
    def violations(self) -> int:
        """How many things are broken, over all checks."""
        return sum(check.broken for check in self.checks)

    def as_json(self) -> dict[str, object]:
        """``{"checks": […], "violations": n}`` (DESIGN §9)."""
        return {"checks": [check.as_json() for check in self.checks], "violations": self.violations}

    def lines(self) -> list[str]:
        """A line per check for people, then the names of what is broken with the command that explains them."""
        rows = []
        for check in self.checks:
            mark = "–" if not check.ran else "✓" if check.holds else "✗"
            counted = check.why_not or ", ".join(
                f"{_grouped(v)} {k.replace('_', ' ')}" for k, v in check.counted.items()
            )
            rows.append(f" {check.promise:>2} {check.name:<14} {mark} {check.broken} broken · {counted}")
            rows.extend(f"      {name}{_explain(name)}" for name in check.names)
        return rows


def _grouped(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


def _explain(name: str) -> str:
    return f"   (polycool why {name.split(':', 1)[0]})" if name.startswith("C-") else ""
