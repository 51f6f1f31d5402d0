"""What a check says: `✓/⚠/✗ check · found · mend`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Mark(StrEnum):
    """Well, worth knowing, or wrong: any ✗ makes the doctor's exit code 1."""

    WELL = "✓"
    NOTE = "⚠"
    WRONG = "✗"


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence of a check: what was found, what that means, and what to do about it.
    Never holds the value of a secret."""

    check: str
    mark: Mark
    found: str
    mend: str = ""

    def line(self) -> str:
        """The finding for people."""
        return " · ".join(filter(None, (f"{self.mark} {self.check:<10}", self.found, self.mend)))

    def as_json(self) -> dict[str, str]:
        """The finding as one JSON object."""
        return {"check": self.check, "mark": self.mark.name.lower(), "found": self.found, "mend": self.mend}


@dataclass(frozen=True, slots=True)
class Examination:
    """All findings of one run, in the order of the checks."""

    findings: Sequence[Finding]
    seconds: float

    @property
    def wrong(self) -> int:
        """How many ✗ there are."""
        return sum(finding.mark is Mark.WRONG for finding in self.findings)

    @property
    def notes(self) -> int:
        """How many ⚠ there are."""
        return sum(finding.mark is Mark.NOTE for finding in self.findings)

    def as_json(self) -> dict[str, object]:
        """``{"findings": […], "wrong": n, "notes": n, "seconds": s}``."""
        return {
            "findings": [finding.as_json() for finding in self.findings],
            "wrong": self.wrong,
            "notes": self.notes,
            "seconds": round(self.seconds, 2),
        }

    def lines(self) -> list[str]:
        """A line per finding, then the sum."""
        told = f"{self.wrong} wrong, {self.notes} worth knowing, looked in {self.seconds:.1f} s"
        return [*(finding.line() for finding in self.findings), told]


class Notes:
    """Collects what one check finds; ``well`` is said only where nothing else was."""

    def __init__(self, check: str) -> None:
        self._check = check
        self._findings: list[Finding] = []

    def wrong(self, found: str, mend: str) -> None:
        """Something that must be mended."""
        self._findings.append(Finding(self._check, Mark.WRONG, found, mend))

    def note(self, found: str, mend: str = "") -> None:
        """Something worth knowing that stops nothing."""
        self._findings.append(Finding(self._check, Mark.NOTE, found, mend))

    def all(self, well: str) -> list[Finding]:
        """What was found; where nothing is wrong, ``well`` stands first."""
        if any(finding.mark is Mark.WRONG for finding in self._findings):
            return self._findings
        return [Finding(self._check, Mark.WELL, well), *self._findings]
