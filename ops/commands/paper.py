"""`polycool paper`: the paper exchange."""

from __future__ import annotations

from ops.ground import check_tables, ground


def command() -> None:
    """Run the paper exchange."""
    check_tables(ground())
    # Imported late: a process that may not start need not load it.
    from ops.paper.server import run
    from ops.paper.settings import PaperSettings
    from streams.logs import set_up_logs

    set_up_logs("paper")
    run(PaperSettings())
