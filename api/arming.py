"""A live account: opened with the first look, armed only when all checks pass, its cap, disarmed by one tap (R26).

trading looks on demand: a row asks, and whoever asked waits a few seconds for its answer.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from api import people
from api.actor import UserActor
from api.database import Transaction
from api.doors import Doors
from api.languages import spoken
from api.live_checks import LEAST_USDC, LiveFacts, checks_of, missing, withdrawal_works
from api.problems import Refused, invalid
from api.routes.lists import now
from schemas.account_views import ARM_PHRASE, Arm, DepositView, LiveChecks
from schemas.base import rfc3339
from schemas.enums import Venue
from schemas.ids import account_name
from schemas.money import plain
from schemas.views import AccountView

LOOK_SECONDS: Final = 0.05
# A look asks the exchange, its relayer and its list of regions: each answers within a second, or not at all.
ANSWER_SECONDS: Final = 6.0
# What was seen so lately need not be looked at again between a person's tap and the phrase they typed.
FRESH_SECONDS: Final = 15.0
# Whoever reads an address takes a while to send; a way out that worked a minute ago works.
DEPOSIT_FRESH_SECONDS: Final = 60.0
NETWORK: Final = "Polygon"
# The exchange's own dollar: 1 USDC each; nothing else sent there counts.
TOKEN: Final = "pUSD 0xC011a7E12a19f7B1f670d46F03B03f3342E82DFB"  # noqa: S105 (a coin)


async def look_at(doors: Doors, asking: UserActor, *, fresh_seconds: float = 0) -> int:
    """Look at the user's live account now, or use a look that is so fresh; opens the account where there is none.
    Returns the look's number, answered or not."""
    async with doors.database.transaction(asking.scope) as transaction:
        account_id = await _opened(transaction, asking.user_id)
        known = await transaction.row("fresh_look", account_id=account_id, seconds=fresh_seconds)
        if known is not None:
            return int(known["look_id"])
        asked = await transaction.row("ask_look", account_id=account_id)
        assert asked is not None, "a look that was asked for"
    until = time.monotonic() + ANSWER_SECONDS
    while time.monotonic() < until:
        await asyncio.sleep(LOOK_SECONDS)
        async with doors.database.transaction(asking.scope) as transaction:
            found = await transaction.row("look", look_id=asked["look_id"])
        if found is not None and found["answered_at"] is not None:
            break
    return int(asked["look_id"])


async def checks(
    transaction: Transaction, user_id: str, look_id: int, texts: Mapping[str, str]
) -> LiveChecks:
    """The checks as that look found them, and the operators' switch as it is now."""
    found = await transaction.row("look", look_id=look_id)
    answered = found is not None and found["answered_at"] is not None
    account = await account_of(transaction, user_id)
    facts = LiveFacts(
        switch=await transaction.row("switch", name="live"),
        look=found if answered else None,
        at_work_usdc=account["at_work_usdc"],
        as_of=await now(transaction),
    )
    return checks_of(facts, texts)


async def arm(
    transaction: Transaction, user_id: str, asked: Arm, look_id: int, texts: Mapping[str, str]
) -> AccountView:
    """Arm with a cap. 409 naming what fails, or when armed already; a cap above the last one counts in an hour."""
    account = await locked(transaction, user_id)
    if account["armed_at"] is not None:
        raise Refused("conflict", texts["live.armed.already"])
    standing = await checks(transaction, user_id, look_id, texts)
    if not standing.ready:
        raise Refused("conflict", texts["live.not_ready"], errors=missing(standing))
    await transaction.run("arm", account_id=account["account_id"], day_cap_usdc=asked.day_cap_usdc)
    view = await live_view(transaction, user_id)
    assert view.armed_at is not None, "armed under the lock"
    assert view.day_cap_usdc is not None, "nobody is armed without a cap"
    await tell(
        transaction, user_id, "live_armed", rfc3339(view.armed_at),
        account_id=view.account_id, day_cap_usdc=plain(view.day_cap_usdc),
    )  # fmt: skip
    return view


async def disarm(transaction: Transaction, user_id: str) -> AccountView:
    """No live buys any more; sells still run. Already off: nothing changes."""
    account = await locked(transaction, user_id)
    if await transaction.run("disarm", account_id=account["account_id"]):
        event = rfc3339(account["armed_at"])
        await tell(transaction, user_id, "live_disarmed", event, account_id=account["account_id"])
    return await live_view(transaction, user_id)


async def set_day_cap(
    transaction: Transaction, user_id: str, day_cap_usdc: Decimal, texts: Mapping[str, str]
) -> AccountView:
    """A lower cap at once, a higher one in an hour; the one in force takes a higher one back. 409 while not armed."""
    account = await locked(transaction, user_id)
    if account["armed_at"] is None:
        raise Refused("live-not-armed", texts["live.not_armed"])
    changed = await transaction.row(
        "set_day_cap", account_id=account["account_id"], day_cap_usdc=day_cap_usdc
    )
    assert changed is not None, "armed under the lock"
    if changed["next_day_cap_from"] is not None:
        await tell(
            transaction, user_id, "day_cap_raised", rfc3339(changed["next_day_cap_from"]),
            account_id=account["account_id"], day_cap_usdc=plain(account["day_cap_usdc"]),
            next_day_cap_usdc=plain(day_cap_usdc), counts_from=rfc3339(changed["next_day_cap_from"]),
        )  # fmt: skip
    return await live_view(transaction, user_id)


async def deposit(
    transaction: Transaction, user_id: str, look_id: int, texts: Mapping[str, str]
) -> DepositView:
    """Where money may come from. 409 while a withdrawal would not work: no way in without a way out."""
    account = await account_of(transaction, user_id)
    found = await transaction.row("look", look_id=look_id)
    if account["wallet"] is None or not withdrawal_works(found):
        raise Refused("conflict", texts["live.no_way_in"])
    return DepositView(address=account["wallet"], network=NETWORK, token=TOKEN, least_usdc=LEAST_USDC)


def check_phrase(asked: Arm) -> None:
    """422 unless it was typed exactly."""
    if asked.phrase != ARM_PHRASE:
        raise invalid("phrase", f"type exactly: {ARM_PHRASE}", value=asked.phrase, allowed=ARM_PHRASE)


async def live_view(transaction: Transaction, user_id: str) -> AccountView:
    """The user's live account as it stands."""
    accounts = (await people.user(transaction, user_id)).accounts
    return next(account for account in accounts if account.venue is Venue.POLYMARKET)


async def account_of(transaction: Transaction, user_id: str) -> dict[str, Any]:
    """The live account's row. 409 while there is none: the first check opens it."""
    account = await transaction.row("live_account", user_id=user_id)
    if account is None:
        raise Refused("live-not-armed", spoken("refused.live_check_first"))
    return account


async def tell(transaction: Transaction, user_id: str, kind: str, event: str, **facts: str | None) -> None:
    """A notice of safety, in the transaction of what it tells."""
    await transaction.run(
        "tell", user_id=user_id, kind=kind, event=event, body=json.dumps({"venue": Venue.POLYMARKET, **facts})
    )


async def locked(transaction: Transaction, user_id: str) -> dict[str, Any]:
    """The live account under the lock that decisions take too (SAFETY R4), read after it."""
    known = await account_of(transaction, user_id)
    await transaction.row("lock_account", account_id=known["account_id"])
    return await account_of(transaction, user_id)


async def _opened(transaction: Transaction, user_id: str) -> str:
    known = await transaction.row("live_account", user_id=user_id)
    if known is not None:
        return str(known["account_id"])
    account_id = account_name(user_id, Venue.POLYMARKET)
    await transaction.run("open_live_account", account_id=account_id, user_id=user_id)
    return account_id
