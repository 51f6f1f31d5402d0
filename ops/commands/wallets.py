"""`polycool wallets`: lists of wallets from files, put on watch. A plan until --execute."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from ops.exits import ANSWER_IS_NO, DONE, WRONG_USE
from ops.feed.lines import digest, numbered_lines
from ops.feed.refusals import WrongFile
from ops.output import answer, say
from ops.stack.neighbours import surroundings
from ops.wallets.posting import Posted, put_on_watch
from ops.wallets.rows import Listed, read_rows
from schemas.enums import AddressType
from schemas.ids import short_name

# Beyond this the rest is only counted on the screen; with --json all of them are in the answer.
REFUSED_SHOWN = 20
app = typer.Typer(add_completion=False, help="Lists of wallets that are watched.", no_args_is_help=True)


@app.callback()
def _wallets() -> None:
    """Lists of wallets that are watched."""


@app.command(name="import")
def import_(
    file: Annotated[str, typer.Argument(help="CSV or CSV.gz: wallet, and what the list says of it.")],
    plan: Annotated[str | None, typer.Option(help="Refuse if the file is not as in this plan.")] = None,
    execute: Annotated[bool, typer.Option("--execute", help="Do it, not only show it.")] = False,
) -> int:
    """Have the wallets of a file watched, as smart_trader unless it says otherwise; nothing without --execute."""
    try:
        listed = read_rows(numbered_lines(file))
    except WrongFile as error:
        say(f"polycool wallets: {error}")
        return WRONG_USE
    name = short_name("P", "wallets", digest(file))
    if plan not in (None, name):
        say(f"polycool wallets: the plan is {name} now, not {plan}: the file is another")
        return ANSWER_IS_NO
    for refused in listed.refused[:REFUSED_SHOWN]:
        say(f"line {refused.line} refused: {refused.reason}")
    if len(listed.refused) > REFUSED_SHOWN:
        say(f"… and {len(listed.refused) - REFUSED_SHOWN} more lines refused")
    posted = asyncio.run(put_on_watch(surroundings(), listed.bodies())) if execute else None
    return _tell(name, listed, posted)


def _tell(name: str, listed: Listed, posted: Posted | None) -> int:
    by_role = {role.value: sum(role in roles for roles in listed.roles.values()) for role in AddressType}
    document = {
        "plan": name,
        "executed": posted is not None,
        "wallets": len(listed.wallets),
        "by_role": by_role,
        "repeated": listed.repeated,
        "refused": [{"line": row.line, "reason": row.reason} for row in listed.refused],
    }
    roles = ", ".join(f"{count:,} {role}" for role, count in by_role.items() if count)
    text = (
        f"plan {name}: {len(listed.wallets):,} wallets ({roles or 'none'}), {listed.repeated:,} lines repeat one, "
        f"{len(listed.refused)} lines refused"
    )
    if posted is None:
        answer(document, f"{text}\nnothing was changed; --execute does it")
    else:
        document |= {"new": posted.new, "known": posted.known, "refused_by_api": posted.refused}
        answer(document, f"{text}\n{posted.new:,} new, {posted.known:,} known before are watched")
    return ANSWER_IS_NO if listed.refused or (posted is not None and posted.refused) else DONE
