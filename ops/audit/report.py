"""What an audit says: checks with what they counted, and the names of what is broken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

NAMES_MAX = 20


@dataclass(frozen=True, slots=True)
class Check:
    """One promise looked at. ``broken`` counts everything found, ``names`` holds the first twenty.

    ``notes`` are named and break nothing: what the exchange did late, what came from outside. ``ran`` is false for a
    check that was not asked for, or whose part was not there; ``why_not`` says so.
    """

    promise: int
    name: str
    counted: Mapping[str, object]
    broken: int = 0
    names: Sequence[str] = ()
    ran: bool = True
    why_not: str = ""
    notes: Sequence[str] = ()

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
            "notes": list(self.notes),
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
