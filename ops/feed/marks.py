"""How far a feed has come: a small file beside the stack's data, replaced as a whole. Touches only that file.

Rows up to ``confirmed_line`` are on the topic for certain. The rows in ``planned`` after it may be: they are sent again
with the times they were given, so byte for byte the same, and a repetition changes nothing downstream.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from schemas.base import Moment


class Mark(BaseModel):
    """The state of one feed: which file (its digest), which topic, how far, and the shifted times by line that were
    given to rows not yet confirmed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    digest: str
    topic: str
    confirmed_line: int = 0
    planned: dict[int, Moment] = Field(default_factory=dict)


class MarkFile:
    """Keeps the newest Mark."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> Mark | None:
        """The kept mark; none when there is no file, or none that can be read."""
        try:
            return Mark.model_validate_json(self.path.read_bytes())
        except (FileNotFoundError, ValidationError):
            return None

    def write(self, mark: Mark) -> None:
        """Keep a mark: after a kill there is the former one or this one, never half of one."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.path.with_suffix(".new")
        fresh.write_text(mark.model_dump_json())
        fresh.replace(self.path)
