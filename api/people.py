"""Users and their paper money: what is written when somebody joins or asks for more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from itertools import count
from typing import Any

import psycopg

from api.database import Transaction
from api.languages import spoken
from api.notices.outcomes import came_back
from api.problems import Refused, not_found
from schemas.base import rfc3339
from schemas.enums import Venue
from schemas.ids import account_name, credit_name, user_name
from schemas.me_views import LANGUAGES, TelegramUser
from schemas.requests import NewUser
from schemas.views import AccountView, CreditView, UserView


async def join(transaction: Transaction, new: NewUser) -> UserView:
    """A user with a paper account that `trading` opens, and its starting credit. 409 for a known `telegram_id`."""
    return await _begun(transaction, await _named_user(transaction, new, LANGUAGES[0]), new.paper_usdc)


async def known_or_new(transaction: Transaction, person: TelegramUser) -> tuple[UserView, bool]:
    """(the user of this Telegram id, whether they are new). Telegram's language picks ours at the first time, if we
    have it."""
    known = await transaction.row("user_of_telegram", telegram_id=person.telegram_id)
    if known is not None:
        await came_back(transaction, known["user_id"])
        return await user(transaction, known["user_id"]), False
    spoken = (person.language_code or "").split("-")[0].lower()
    language = spoken if spoken in LANGUAGES else LANGUAGES[0]
    new = NewUser(label=person.label, telegram_id=person.telegram_id)
    user_id = await _named_user(transaction, new, language)
    return await _begun(transaction, user_id, new.paper_usdc), True


async def _begun(transaction: Transaction, user_id: str, paper_usdc: Decimal) -> UserView:
    account_id = account_name(user_id, Venue.PAPER)
    await transaction.run("open_account", account_id=account_id, user_id=user_id, venue=Venue.PAPER)
    await transaction.run(
        "ask_credit", credit_id=credit_name(account_id, "start"), account_id=account_id, usdc=paper_usdc
    )
    return await user(transaction, user_id)


async def user(transaction: Transaction, user_id: str) -> UserView:
    """A user with their accounts. 404 when there is none in this scope."""
    row = await transaction.row("user", user_id=user_id)
    if row is None:
        raise not_found("user")
    return (await with_accounts(transaction, [row]))[0]


async def version(transaction: Transaction, user_id: str) -> int:
    """The version of what a user says of themselves: its ETag."""
    row = await transaction.row("user", user_id=user_id)
    if row is None:
        raise not_found("user")
    return int(row["version"])


async def with_accounts(transaction: Transaction, users: Sequence[dict[str, Any]]) -> list[UserView]:
    """The users' rows with the accounts of each."""
    accounts: dict[str, list[AccountView]] = defaultdict(list)
    for row in await transaction.rows("accounts_of", user_ids=[row["user_id"] for row in users]):
        accounts[row.pop("user_id")].append(AccountView.model_validate(row))
    return [
        UserView.model_validate(
            {name: value for name, value in row.items() if name != "version"}
            | {"accounts": accounts[row["user_id"]]}
        )
        for row in users
    ]


async def credit(transaction: Transaction, user_id: str, usdc: Decimal, key: str) -> CreditView:
    """Ask for paper money, once a day; `trading` books it. 409 with the time of the next where it is too early."""
    await transaction.row("lock_user", user_id=user_id)
    account = await transaction.row("account_at", user_id=user_id, venue=Venue.PAPER)
    if account is None:
        raise not_found("paper account")
    before = await transaction.row("next_credit", account_id=account["account_id"])
    if before is not None and before["credit_from"] is not None:
        raise Refused("conflict", spoken("refused.credit", at=rfc3339(before["credit_from"])))
    credit_id = await _named_credit(transaction, account["account_id"], usdc, key)
    shown = await transaction.view(CreditView, "credit", credit_id=credit_id)
    assert shown is not None, "just asked for in this transaction"
    return shown


async def _named_user(transaction: Transaction, new: NewUser, language: str) -> str:
    known = await transaction.row("users_of_label", label=new.label)
    assert known is not None, "a count always has a row"
    for attempt in count(known["known"]):
        row = {
            "user_id": user_name(new.label, attempt), "label": new.label, "telegram_id": new.telegram_id,
            "language": language,
        }  # fmt: skip
        try:
            if await transaction.run("insert_user", **row):
                return str(row["user_id"])
        except psycopg.errors.UniqueViolation as error:
            raise Refused("conflict", "There is a user with this telegram_id already.") from error
    raise AssertionError("names do not run out")


async def _named_credit(transaction: Transaction, account_id: str, usdc: Decimal, key: str) -> str:
    for attempt in count():
        row = {"credit_id": credit_name(account_id, key, attempt), "account_id": account_id, "usdc": usdc}
        if await transaction.run("ask_credit", **row):
            return str(row["credit_id"])
    raise AssertionError("names do not run out")
