"""Which settings are secrets, by the processes' classes: the doctor weighs them, the audit looks for them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from ops.settings_example import PROCESSES, environment_name
from ops.stack.neighbours import surroundings


def secret_names() -> set[str]:
    """Every setting that some process keeps as a secret."""
    return {
        environment_name(settings, name, field)
        for settings in PROCESSES.values()
        for name, field in settings.model_fields.items()
        if "SecretStr" in str(field.annotation)
    }


def secrets_in(name: str, text: str) -> Iterator[str]:
    """A list of secrets one by one; of a URL the password, if it has one (a socket's directory guards it)."""
    if name.endswith("_URL"):
        password = urlsplit(text).password
        if password is not None:
            yield password
        return
    yield from filter(None, (part.strip() for part in text.split(",")))


def secrets_here(given: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The caller's settings, completed by those of a stack that runs here, its secrets among them."""
    found = surroundings(given)
    file = Path(found.get("POLYCOOL_STACK_DIR", "")) / "secrets.env"
    if not file.is_file():
        return found
    lines = (line.partition("=") for line in file.read_text().splitlines() if line)
    return {name: value for name, _, value in lines} | found
