"""Python and the packages, against what the project asks for."""

from __future__ import annotations

import importlib.metadata
from typing import Final

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from ops.doctor.finding import Finding, Notes
from ops.doctor.patient import Patient

PROJECT: Final = "polycool"
INSTALL: Final = "make setup in the checkout (elsewhere: pip install --upgrade polycool)"


async def python(patient: Patient) -> list[Finding]:
    """The interpreter's version."""
    notes = Notes("python")
    wanted = importlib.metadata.metadata(PROJECT)["Requires-Python"] or ""
    there = ".".join(map(str, patient.machine.python))
    if there not in SpecifierSet(wanted):
        notes.wrong(f"this is Python {there}, {wanted} is needed", f"install Python {wanted}, then {INSTALL}")
    return notes.all(f"{there}, {wanted} is needed")


async def packages(patient: Patient) -> list[Finding]:
    """Each package the project names: there, and of a version it takes. The pinned ones are pinned for a reason."""
    notes = Notes("packages")
    wanted = [Requirement(line) for line in importlib.metadata.requires(PROJECT) or ()]
    counted = 0
    for requirement in wanted:
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
            continue
        counted += 1
        try:
            there = patient.machine.version_of(requirement.name)
        except importlib.metadata.PackageNotFoundError:
            notes.wrong(f"{requirement.name} is not installed", INSTALL)
            continue
        if not requirement.specifier.contains(there, prereleases=True):
            notes.wrong(
                f"{requirement.name} {there} is installed, {requirement.specifier} is needed: "
                "it was not tested with this one",
                INSTALL,
            )
    return notes.all(f"{counted} as the project asks for them")
