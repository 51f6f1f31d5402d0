"""`polycool streams`: the Faust worker with every stage of the way but the exchange."""

from __future__ import annotations

from ops.ground import check_ground, ground


def command() -> None:
    """Run the stages classify, copy_execution, recommend and the outbox in this process."""
    check_ground(ground())
    # Imported late: a process that may not start need not load it.
    from streams.settings import StreamsSettings
    from streams.worker import run

    run(StreamsSettings())
