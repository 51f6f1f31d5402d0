"""What lies beside a dump: when and of what it was taken, what it must hold, and where the topics' readers stood."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import orjson

from ops.failures import Missing

FORMAT: Final = 1

Offsets = Mapping[str, Mapping[str, Mapping[int, int]]]
"""Group → topic → partition → the first offset it had not handled when the dump began."""


@dataclass(frozen=True)
class Manifest:
    """``rows``: how many each table had in the dump's own snapshot; ``sha256`` is of the dump's file."""

    taken_at: datetime
    migrations: int
    cluster_id: str
    topic_prefix: str
    rows: Mapping[str, int]
    offsets: Offsets
    size: int
    sha256: str

    def save(self, dump: Path) -> None:
        """Write it beside the dump, readable by its owner alone."""
        file = manifest_of(dump)
        file.touch(mode=0o600)
        file.write_bytes(orjson.dumps({"format": FORMAT, **asdict(self)}, option=orjson.OPT_NON_STR_KEYS))


def manifest_of(dump: Path) -> Path:
    """Where the manifest of a dump lies."""
    return dump.with_suffix(".json")


def load(dump: Path) -> Manifest:
    """Raises Missing, one sentence, unless the dump and its manifest are there and belong together."""
    file = manifest_of(dump)
    if not dump.is_file() or not file.is_file():
        raise Missing(
            f"{dump} or {file.name} beside it is not there: name a dump that polycool backup take made."
        )
    found: dict[str, Any] = orjson.loads(file.read_bytes())
    if found.pop("format", None) != FORMAT:
        raise Missing(f"{file} is no manifest of this version of polycool backup.")
    manifest = Manifest(
        **found
        | {
            "taken_at": datetime.fromisoformat(found["taken_at"]),
            "offsets": {
                group: {
                    topic: {int(part): at for part, at in parts.items()} for topic, parts in topics.items()
                }
                for group, topics in found["offsets"].items()
            },
        }
    )
    if digest(dump) != manifest.sha256:
        raise Missing(
            f"{dump} is not the file that {file.name} was written for: it is cut short or was changed."
        )
    return manifest


def digest(file: Path) -> str:
    """SHA-256 of a file."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
