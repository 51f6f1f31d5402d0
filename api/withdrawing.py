"""Withdrawals and the addresses they go to (SAFETY R25): asked for under the account's lock, carried out by trading.

An address works a day after it was added, and its adding is told: whoever was robbed of a chat has time to say no.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from typing import Any, Final

from api import arming, stopping
from api.actor import UserActor
from api.database import Transaction
from api.problems import Refused, invalid, not_found
from schemas.account_views import NewWithdrawal, NewWithdrawalAddress, WithdrawalAddressView, WithdrawalView
from schemas.base import rfc3339
from schemas.ids import withdrawal_address_name, withdrawal_name
from schemas.me_views import Stopped
from schemas.money import ZERO, plain, truncate_display
from schemas.withdrawal_causes import cause_said

# More than anybody has places for money; each adding is told.
ADDRESSES_MAX: Final = 10


async def addresses(transaction: Transaction, user_id: str) -> tuple[WithdrawalAddressView, ...]:
    """The user's own, oldest first."""
    rows = await transaction.rows("withdrawal_addresses", user_id=user_id)
    return tuple(WithdrawalAddressView.model_validate(row) for row in rows)


async def add_address(
    transaction: Transaction, user_id: str, new: NewWithdrawalAddress, texts: Mapping[str, str]
) -> WithdrawalAddressView:
    """An address that works in 24 hours; told at once. 409 for one that is there, 422 for the account's own."""
    account = await arming.locked(transaction, user_id)
    if new.address == account["wallet"]:
        raise invalid("address", texts["withdrawal.address.own"], value=new.address)
    known = await addresses(transaction, user_id)
    if any(each.address == new.address for each in known):
        raise Refused("conflict", texts["withdrawal.address.known"])
    if len(known) >= ADDRESSES_MAX:
        raise Refused("conflict", texts["withdrawal.address.many"].format(most=ADDRESSES_MAX))
    name = await _named(transaction, user_id, new)
    view = await _address(transaction, user_id, name)
    await arming.tell(
        transaction, user_id, "withdrawal_address_added", name,
        address_id=name, address=view.address, label=view.label, works_from=rfc3339(view.usable_from),
    )  # fmt: skip
    return view


async def remove_address(transaction: Transaction, user_id: str, address_id: str, because: str) -> None:
    """Nothing goes there any more; what is not sent yet is refused. 404 when it is none of the user's."""
    if not await transaction.run(
        "remove_withdrawal_address", address_id=address_id, user_id=user_id, because=because
    ):
        raise not_found("withdrawal address")


async def not_me(
    transaction: Transaction, asking: UserActor, address_id: str
) -> tuple[Stopped, tuple[str, ...]]:
    """Somebody else added it: it goes, everything is stopped, live is off; also where it was taken away meanwhile. What
    stopped, and the buys that were not over. 404 when it is none of the user's."""
    named = {"address_id": address_id, "user_id": asking.user_id}
    if await transaction.row("withdrawal_address_ever", **named) is None:
        raise not_found("withdrawal address")
    await transaction.run("remove_withdrawal_address", **named, because="not me")
    stopped = await stopping.stop_all(transaction, asking)
    await arming.disarm(transaction, asking.user_id)
    return stopped


async def withdraw(
    transaction: Transaction, user_id: str, asked: NewWithdrawal, key: str, texts: Mapping[str, str]
) -> WithdrawalView:
    """Ask for a withdrawal, which reserves its money. 409 where the address does not work yet, one is under way, or so
    much is not free; 422 where the amounts differ."""
    if asked.usdc != asked.usdc_again:
        raise invalid("usdc_again", texts["withdrawal.again"], value=asked.usdc_again)
    account = await arming.locked(transaction, user_id)
    if account["state"] != "ready":
        raise Refused("conflict", texts["withdrawal.not_ready"])
    address = await _address(transaction, user_id, asked.address_id)
    standing = await transaction.row(
        "withdrawable", account_id=account["account_id"], address_id=asked.address_id
    )
    assert standing is not None, "an account that is locked"
    if not standing["usable"]:
        usable = rfc3339(address.usable_from)
        raise Refused("conflict", texts["withdrawal.address.young"].format(usable_from=usable))
    if standing["under_way"]:
        raise Refused("conflict", texts["withdrawal.under_way"])
    if asked.usdc > standing["free_usdc"]:
        free = truncate_display(max(standing["free_usdc"], ZERO))
        raise Refused("conflict", texts["withdrawal.free"].format(free=free))
    row = {
        "user_id": user_id, "account_id": account["account_id"], "address_id": asked.address_id,
        "address": address.address, "usdc": asked.usdc,
    }  # fmt: skip
    for attempt in count():
        name = withdrawal_name(account["account_id"], key, attempt)
        if await transaction.run("insert_withdrawal", withdrawal_id=name, **row):
            await arming.tell(
                transaction, user_id, "withdrawal_asked", name,
                withdrawal_id=name, account_id=account["account_id"], usdc=plain(asked.usdc), address=address.address,
            )  # fmt: skip
            return await withdrawal(transaction, user_id, name, texts)
    raise AssertionError("names do not run out")


async def withdrawal(
    transaction: Transaction, user_id: str, withdrawal_id: str, texts: Mapping[str, str]
) -> WithdrawalView:
    """The withdrawal as it stands. 404 when it is none of the user's."""
    row = await transaction.row("withdrawal", withdrawal_id=withdrawal_id, user_id=user_id)
    if row is None:
        raise not_found("withdrawal")
    return withdrawal_view(row, texts)


def withdrawal_view(row: dict[str, Any], texts: Mapping[str, str]) -> WithdrawalView:
    """A row as a view; its cause in the language of ``texts``."""
    return WithdrawalView.model_validate(row | {"cause": cause_said(texts, row["cause"])})


async def listed(transaction: Transaction, user_id: str, **page: Any) -> list[dict[str, Any]]:
    """Rows of withdrawals, newest first."""
    return await transaction.rows("withdrawals", user_id=user_id, **page)


async def _address(transaction: Transaction, user_id: str, address_id: str) -> WithdrawalAddressView:
    for each in await addresses(transaction, user_id):
        if each.address_id == address_id:
            return each
    raise not_found("withdrawal address")


async def _named(transaction: Transaction, user_id: str, new: NewWithdrawalAddress) -> str:
    for attempt in count():
        name = withdrawal_address_name(user_id, new.address, attempt)
        row = {"address_id": name, "user_id": user_id, "address": new.address, "label": new.label}
        if await transaction.run("insert_withdrawal_address", **row):
            return name
    raise AssertionError("names do not run out")
