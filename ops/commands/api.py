"""`polycool api`: the HTTP face."""

from __future__ import annotations

from ops.ground import check_ground, ground


def command() -> None:
    """Run the HTTP face."""
    check_ground(ground())
    # Imported late: a process that may not start need not load it.
    from api.server import run
    from api.settings import Settings

    run(Settings())
