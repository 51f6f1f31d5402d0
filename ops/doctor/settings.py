"""Settings: names nobody knows, and what each process would say at its start. Values are not shown."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from pydantic import AliasChoices, ValidationError
from pydantic_settings import BaseSettings

from ops.doctor.finding import Finding, Notes
from ops.doctor.patient import Patient
from ops.failures import explained
from ops.settings_example import LOCAL, PROCESSES, environment_name

PREFIX: Final = "POLYCOOL_"
# Every process has these; they do not show which one is set up.
_SHARED: Final = frozenset(
    {"POLYCOOL_KAFKA", "POLYCOOL_DATABASE_URL", "POLYCOOL_PAPER_ADMIN_TOKEN", "POLYCOOL_BOT_SIGNING_KEY"}
)
# Whoever has one of these is meant to run.
_OWN: Final = {
    "polycool bot": ("POLYCOOL_TELEGRAM_TOKEN",),
    "polycool streams": ("POLYCOOL_KAFKA",),
    "polycool trading": ("POLYCOOL_KEY_ENCRYPTION_KEY", "POLYCOOL_KMS_KEY"),
    "polycool paper": ("POLYCOOL_PAPER_ADMIN_TOKEN",),
    "polycool prune": ("POLYCOOL_DATABASE_URL",),
}


async def look(patient: Patient) -> list[Finding]:
    """Unknown names, then each process' own settings class on these settings."""
    notes = Notes("settings")
    ours = {name: text for name, text in patient.environment.items() if name.startswith(PREFIX)}
    known = known_names()
    for name in sorted(ours.keys() - known):
        near = difflib.get_close_matches(name, known, n=1)
        meant = f"did you mean {near[0]}?" if near else ".env.example lists all of them"
        notes.wrong(f"{name} is set and no process reads it: what it should change stays as it is", meant)
    set_up = []
    for process, settings in PROCESSES.items():
        if not _is_set_up(process, settings, ours):
            continue
        set_up.append(process.removeprefix("polycool "))
        fault = _fault(settings, patient.environment)
        if fault is not None:
            notes.wrong(f"{process} would not start: {fault}", "set it as .env.example says, then start it")
    return notes.all(
        f"{len(ours)} set, none unknown; would start: {', '.join(set_up) or 'nothing is set up here'}"
    )


def known_names() -> set[str]:
    """Every name that a process or a command reads."""
    known = set(LOCAL)
    for settings in PROCESSES.values():
        for name, field in settings.model_fields.items():
            known.add(environment_name(settings, name, field))
            if isinstance(field.validation_alias, AliasChoices):
                known |= {str(choice).upper() for choice in field.validation_alias.choices}
    return known


def _is_set_up(process: str, settings: type[BaseSettings], ours: Mapping[str, str]) -> bool:
    """Whether somebody means to run it here: one of the settings that only it must have is given."""
    if process in _OWN:
        return any(ours.get(name) for name in _OWN[process])
    required = {
        environment_name(settings, name, field)
        for name, field in settings.model_fields.items()
        if field.is_required()
    }
    return any(ours.get(name) for name in required - _SHARED)


def _fault(settings: type[BaseSettings], environment: Mapping[str, str]) -> str | None:
    with _environment(environment):
        try:
            settings()
        except ValidationError as error:
            return explained(error) or str(error.error_count())
    return None


@contextmanager
def _environment(environment: Mapping[str, str]) -> Iterator[None]:
    """The classes read the process' own environment: for the length of one construction it is the patient's."""
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(environment)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
