"""Topics in memory: one partition each, offsets, a group whose generation fences whoever was thought dead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from streams.kafka.guard import Received


class Fenced(Exception):
    """The partition belongs to another member of the group meanwhile."""


@dataclass(slots=True)
class Log:
    """A topic with the group that reads it."""

    topic: str
    messages: list[Received] = field(default_factory=list)
    committed: int = 0
    generation: int = 0

    def append(self, key: str, value: bytes, at: datetime) -> None:
        """What the broker has confirmed."""
        offset = len(self.messages)
        self.messages.append(Received(self.topic, 0, offset, key.encode(), value, at))

    def join(self) -> int:
        """Become the member that owns the partition; whoever was it before is fenced."""
        self.generation += 1
        return self.generation

    def read(self, offset: int, most: int, generation: int) -> Sequence[Received]:
        """The next messages. Raises ``Fenced``."""
        if generation != self.generation:
            raise Fenced(self.topic)
        return self.messages[offset : offset + most]

    def acknowledge(self, offset: int, generation: int) -> None:
        """Everything before the offset is done. Raises ``Fenced``."""
        if generation != self.generation:
            raise Fenced(self.topic)
        self.committed = max(self.committed, offset)

    @property
    def read_to_the_end(self) -> bool:
        """Whether everything was acknowledged."""
        return self.committed == len(self.messages)
