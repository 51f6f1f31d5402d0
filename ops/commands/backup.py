"""`polycool backup`: take a dump, try it, put it back, and tell the roles anew."""

from __future__ import annotations

import asyncio
import getpass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from ops import topics
from ops.backup.drill import drill
from ops.backup.manifest import Manifest, load
from ops.backup.restore import Restored, refuse_if_unfit, restore, tell_roles, unlike
from ops.backup.take import take
from ops.exits import ANSWER_IS_NO, DONE
from ops.ground import Ground, check_tables, ground
from ops.output import answer, say

app = typer.Typer(add_completion=False, help="Backups of the database.", no_args_is_help=True)
Dump = Annotated[Path, typer.Argument(help="the .dump file; its manifest (.json) lies beside it")]
Execute = Annotated[bool, typer.Option("--execute", help="Do it, not only show it.")]


@app.command("take")
def take_one(
    to: Annotated[Path, typer.Option("--to", help="the directory it is written to")],
) -> int:
    """Dump the database under writes, with where the topics' readers stood. Changes nothing in it."""
    place = ground()
    check_tables(place)
    say("dumping …")
    file, manifest = asyncio.run(take(place, to))
    rows = sum(manifest.rows.values())
    document = {"file": str(file), "size": manifest.size, "rows": rows, "sha256": manifest.sha256}
    answer(document, f"{file}: {manifest.size:,} bytes, {rows:,} rows in {len(manifest.rows)} tables")
    return DONE


@app.command("drill")
def drill_one(dump: Dump) -> int:
    """Put the dump into a database of its own on the same server, compare it with its manifest, audit it, take it away.
    Exit 1 when it would not do. Run it weekly."""
    place = ground()
    manifest = load(dump)
    say("putting it back beside the living database …")
    found = asyncio.run(drill(place.database_url, dump, manifest))
    broken = [name for check in found.checks for name in check.names]
    document = {
        "well": found.well, "seconds": round(found.seconds, 2), "rows": sum(manifest.rows.values()),
        "unlike": found.unlike, "missing_migrations": found.missing_migrations,
        "checks": [check.as_json() for check in found.checks],
    }  # fmt: skip
    lines = [
        f"{'✓' if not found.unlike else '✗'} {len(manifest.rows)} tables, {sum(manifest.rows.values()):,} rows, "
        f"put back in {found.seconds:.1f} s",
        *(f"    {each}" for each in found.unlike),
        *(f"{'✓' if check.holds else '✗'} promise {check.promise} {check.name}" for check in found.checks),
        *(f"    {name}" for name in broken),
    ]
    if found.missing_migrations:
        lines.append(
            f"not audited: the dump is {found.missing_migrations} migrations older than this version"
        )
    answer(document, "\n".join(lines))
    return DONE if found.well else ANSWER_IS_NO


@app.command("restore")
def restore_one(
    dump: Dump,
    execute: Execute = False,
    keep_paper: Annotated[
        bool, typer.Option("--keep-paper", help="The paper exchange's ledger stays as it is now.")
    ] = False,
) -> int:
    """Put a dump back in one transaction, stop buying and posting, and set the topics' readers back to where they stood
    at the dump. Every process must have ended. Changes nothing without --execute."""
    place = ground()
    manifest = load(dump)
    cluster = asyncio.run(topics.look(place.kafka, place.names))
    asyncio.run(refuse_if_unfit(place, manifest, cluster.cluster_id))
    document, lines = _planned(dump, manifest)
    if not execute:
        answer(document | {"executed": False}, "\n".join([*lines, "nothing was changed; --execute does it"]))
        return DONE
    say("putting it back …")
    done = asyncio.run(restore(place, dump, manifest, _operator(), keep_paper=keep_paper))
    return _tell(document, lines, done)


@app.command("roles")
def roles(execute: Execute = False) -> int:
    """Tell workers the wallets' roles anew from the table, where the topic says something else (doctor: told roles).
    Changes nothing without --execute."""
    place = ground()
    check_tables(place)
    wallets = asyncio.run(_roles(place, execute=execute))
    verb = "are told anew" if execute else "would be told anew; nothing was changed, --execute does it"
    answer({"wallets": wallets, "executed": execute}, "\n".join([*wallets, f"{len(wallets)} wallets {verb}"]))
    return DONE


async def _roles(place: Ground, *, execute: bool) -> list[str]:
    return await tell_roles(place) if execute else sorted(await unlike(place))


def _planned(dump: Path, manifest: Manifest) -> tuple[dict[str, object], list[str]]:
    age = (datetime.now(UTC) - manifest.taken_at).total_seconds()
    back = {group: sum(map(len, topics.values())) for group, topics in manifest.offsets.items()}
    document: dict[str, object] = {
        "file": str(dump), "taken_at": manifest.taken_at.isoformat(), "rows": sum(manifest.rows.values()),
        "groups": back,
    }  # fmt: skip
    lines = [
        f"{dump.name}: taken {age / 60:,.0f} min ago, {sum(manifest.rows.values()):,} rows; what came since comes "
        "again from the topics, what was posted since is found at the exchange",
        *(f"  {group}: {parts} partitions are set back" for group, parts in back.items()),
        "  buying and posting stay stopped until you allow them again (docs/operating.md, After a restore)",
    ]
    return document, lines


def _tell(document: dict[str, object], lines: list[str], done: Restored) -> int:
    gone = [str(each) for each in done.gone]
    lines = [*lines, "put back", f"{len(done.told)} wallets' roles are told anew"]
    if gone:
        lines.append(f"✗ no topic has these any more, they are lost: {', '.join(gone)}")
    answer(document | {"executed": True, "told": list(done.told), "gone": gone}, "\n".join(lines))
    return ANSWER_IS_NO if gone else DONE


def _operator() -> str:
    return getpass.getuser()[:40] or "operator"
