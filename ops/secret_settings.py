"""Which settings are secrets, by the processes' classes: the doctor weighs them, the audit looks for them."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from ops.settings_example import PROCESSES, environment_name


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
