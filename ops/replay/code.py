"""Which code decides: the package's version, and a digest over the sources of everything that takes part."""

from __future__ import annotations

import hashlib
from importlib.metadata import version
from importlib.resources import files
from importlib.resources.abc import Traversable


def code_version() -> str:
    """Such as ``0.1.0+3f2a…``: two builds with the same deciding sources have the same."""
    digest = hashlib.sha256()
    for package in ("schemas", "streams.classify", "streams.copy_execution"):
        for source in sorted(_sources(files(package)), key=lambda each: each[0]):
            digest.update(f"{package}/{source[0]}\n".encode() + source[1])
    return f"{version('polycool')}+{digest.hexdigest()[:12]}"


def _sources(folder: Traversable, above: str = "") -> list[tuple[str, bytes]]:
    found = []
    for each in folder.iterdir():
        name = f"{above}{each.name}"
        if each.is_dir():
            found += _sources(each, f"{name}/")
        elif each.name.endswith(".py"):
            found.append((name, each.read_bytes()))
    return found
