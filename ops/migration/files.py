"""The migrations as files: `schemas/tables/NNNN_name.sql`, each number once."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_NAME = re.compile(r"^(?P<number>\d{4})_(?P<name>[a-z0-9_]+)\.sql$")


@dataclass(frozen=True, order=True)
class Migration:
    """One step; `sha256` is that of its text, so that a changed file is noticed."""

    number: int
    name: str
    text: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()


@cache
def migrations() -> tuple[Migration, ...]:
    """All steps in order. A number used twice is a programmer's error; one may be left out."""
    found = sorted(
        Migration(int(match["number"]), match["name"], entry.read_text())
        for entry in files("schemas.tables").iterdir()
        if (match := _NAME.match(entry.name))
    )
    assert len({step.number for step in found}) == len(found), "two migrations have the same number"
    return tuple(found)
