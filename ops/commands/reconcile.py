"""`polycool reconcile`: end unknown orders by proof from the exchange, and compare every account's books with its."""

from __future__ import annotations

import getpass
from typing import Annotated, Any

import typer

from ops.exits import ANSWER_IS_NO, DONE
from ops.ground import check_tables, ground
from ops.output import answer
from ops.reconcile.asking import Wish, plan, reconcile

_MARKS = {"agrees": "✓", "external": "✓", "busy": "–", "unread": "✗", "differs": "✗"}


def command(
    account: Annotated[str | None, typer.Option(help="One account only, such as M-7F3K9QX.")] = None,
    execute: Annotated[bool, typer.Option("--execute", help="Look, and do what follows.")] = False,
    accept: Annotated[
        bool, typer.Option("--accept", help="Take cash that came from outside into the account's books.")
    ] = False,
    allow_buys: Annotated[
        bool,
        typer.Option("--allow-buys", help="Let the account's live BUYs go again, where its audit agrees."),
    ] = False,
    patience: Annotated[float, typer.Option(help="Seconds to wait for the answer.", min=1)] = 300.0,
) -> int:
    """Look up every order in doubt and compare books with the exchange; exit 1 where something differs. Asks the
    trading process; changes nothing without --execute."""
    if (accept or allow_buys) and account is None:
        raise typer.BadParameter("--accept and --allow-buys are about one account: name it with --account")
    place = ground()
    check_tables(place)
    if not execute:
        return _show(plan(place.database_url, account))
    wish = Wish(account, getpass.getuser()[:40] or "operator", accept, allow_buys)
    found = reconcile(place.database_url, wish, patience)
    answer(found | {"executed": True}, "\n".join(_lines(found)))
    wrong = any(each["outcome"] in ("differs", "unread") for each in found["accounts"])
    return ANSWER_IS_NO if wrong else DONE


def _show(planned: dict[str, Any]) -> int:
    running = "runs" if planned["trading"] else "does not run, so nobody would look"
    lines = [
        f"{planned['orders']} orders in doubt and {planned['accounts']} accounts would be looked at",
        f"{planned['stopped']} accounts buy nothing live until their audit agrees",
        f"the trading process {running}",
        "nothing was changed; --execute does it",
    ]
    answer(planned | {"executed": False}, "\n".join(lines))
    return DONE


def _lines(found: dict[str, Any]) -> list[str]:
    lines = [
        f"? {each['order_hash'][:12]} {each['copy_order_id'] or ''} {each['state']}: {each['verdict']}"
        for each in found["orders"]
    ]
    for each in found["accounts"]:
        lines.append(f"{_MARKS[each['outcome']]} {each['account_id']} {each['outcome']}: {each['why']}")
        lines += [
            f"    {asset}: ours {ours}, theirs {theirs} ({what})"
            for asset, ours, theirs, what in each["differences"]
        ]
    counts = {name: sum(each["outcome"] == name for each in found["accounts"]) for name in _MARKS}
    told = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
    return [*lines, f"{len(found['orders'])} orders in doubt; accounts: {told or 'none'}"]
