"""One worker for a whole module of tests: its own prefix and database; tests keep apart by wallets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ops.bench.ground import own_ground
from ops.stack.children import Children
from ops.stack.local import Stack
from ops.stack.program import Program
from streams.topology import TopicNames


@dataclass(frozen=True)
class Way:
    """Where a worker runs, and the worker."""

    kafka: str
    database_url: str
    names: TopicNames
    worker: Program


@contextmanager
def running_way(stack: Stack, directory: Path, **settings: str) -> Iterator[Way]:
    """A ready worker on topics and a database of its own."""
    with own_ground(stack) as ground:
        worker = Program("streams", ground.environment | settings, directory, Children(directory))
        worker.start()
        try:
            yield Way(ground.kafka, ground.database_url, ground.names, worker)
        finally:
            worker.stop()
