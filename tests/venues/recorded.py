"""Payloads recorded by others at the exchange (Nautilus Trader's fixtures); they lie beside the project, not in it."""

from __future__ import annotations

import tarfile
from functools import cache
from pathlib import Path

import orjson
import pytest

ARCHIVE = Path(__file__).parents[3] / "shared" / "data" / "nautilus_polymarket_fixtures.tar.gz"


@cache
def recorded() -> dict[str, object]:
    """All recorded JSON by file name; skips the test, saying so, where the archive is not there."""
    if not ARCHIVE.exists():
        pytest.skip(f"the recorded payloads are not here: {ARCHIVE.name}")
    found: dict[str, object] = {}
    with tarfile.open(ARCHIVE) as archive:
        for member in archive.getmembers():
            content = archive.extractfile(member) if member.name.endswith(".json") else None
            if content is not None:
                found[member.name.rpartition("/")[2]] = orjson.loads(content.read())
    return found
