"""``polycool audit``: prove the promises on tables, topics and the venue's ledger."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from ops.audit.figures import write_figures
from ops.audit.run import BEGINNING, run_audit
from ops.audit.sentences import lines
from ops.exits import ANSWER_IS_NO, DONE
from ops.ground import ground
from ops.output import answer, console
from ops.secret_settings import secrets_here
from ops.spans import span
from ops.stack.neighbours import surroundings


def command(
    since: Annotated[
        str | None, typer.Option(help="look back this far only, such as 24h; else at everything")
    ] = None,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="also make the read tables again from the topics and compare")
    ] = False,
    logs: Annotated[
        Path | None,
        typer.Option(help="a directory whose *.log are searched for secrets; else that of the stack here"),
    ] = None,
    figures: Annotated[
        Path | None,
        typer.Option(help="also write the counts to this file (*.prom), for Prometheus' node exporter"),
    ] = None,
) -> int:
    """Check every promise; exit 1 when one is broken. Reads only."""
    place = ground()
    audit = asyncio.run(
        run_audit(
            database_url=place.database_url,
            kafka=place.kafka,
            prefix=place.names.prefix,
            since=BEGINNING if since is None else datetime.now(UTC) - span(since),
            rebuild=rebuild,
            logs=_logs(logs),
            environment=secrets_here(),
        )
    )
    if figures is not None:
        write_figures(audit, figures)
    out = console(progress=False)
    answer(audit.as_json(), "\n".join(lines(audit, out.width if out.is_terminal else 0)))
    return DONE if audit.violations == 0 else ANSWER_IS_NO


def _logs(given: Path | None) -> list[Path]:
    """What the processes wrote: of a stack that runs here, unless another place is named."""
    directory = surroundings().get("POLYCOOL_STACK_DIR")
    place = given or (Path(directory) / "logs" if directory else None)
    return sorted(place.glob("*.log")) if place is not None else []
