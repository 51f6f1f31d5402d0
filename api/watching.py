"""Which wallets are watched and as what: a set of roles, a version for each change, and the message for the topic.

Every change holds the wallet's row, so that followings and decisions of this leader wait for it (SAFETY R16).
"""

from __future__ import annotations

import json
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from api.database import Transaction
from api.problems import Refused, not_found
from schemas.enums import AddressType
from schemas.ids import Wallet
from schemas.requests import NewWatchedAddress
from schemas.views import WatchedAddressView
from schemas.watched import WatchedAddress

# The contract's name; a test compares it with the topology.
WATCHED_ADDRESSES: Final = "watched_addresses"


@dataclass(frozen=True, slots=True)
class Watched:
    """A wallet's row, held by this transaction: its version and since which version it holds each role."""

    wallet: str
    version: int
    since: dict[AddressType, int]
    fresh: bool


async def hold(transaction: Transaction, wallet: str, *, add: bool) -> Watched:
    """Lock the wallet's row (with ``add`` it is made first). 404 when it is not watched."""
    fresh = add and await transaction.run("watch_wallet", wallet=wallet) == 1
    row = await transaction.row("lock_wallet", wallet=wallet)
    if row is None:
        raise not_found("watched wallet")
    roles = await transaction.rows("roles_held", wallet=wallet)
    since = {AddressType(role["role"]): int(role["since_version"]) for role in roles}
    return Watched(wallet, row["version"], since, fresh)


async def set_roles(transaction: Transaction, held: Watched, wanted: AbstractSet[AddressType]) -> Watched:
    """Give the wallet exactly these roles; a new version, and its message for the topic, when something changes."""
    gained, lost = wanted - held.since.keys(), held.since.keys() - wanted
    if not gained and not lost and not held.fresh:
        return held
    version = held.version if held.fresh else held.version + 1
    since = {role: at for role, at in held.since.items() if role in wanted} | dict.fromkeys(
        sorted(gained), version
    )
    if lost:
        await transaction.run("lose_roles", wallet=held.wallet, roles=sorted(lost))
    for role in sorted(gained):
        await transaction.run("gain_role", wallet=held.wallet, role=role, version=version)
    await transaction.run("set_version", wallet=held.wallet, version=version)
    now = Watched(held.wallet, version, since, fresh=False)
    await _put_out(transaction, now)
    return now


async def tell_again(transaction: Transaction, wallet: str) -> int:
    """What the table holds of a wallet onto the topic once more, as a version of its own; which. 404 if not watched."""
    held = await hold(transaction, wallet, add=False)
    version = held.version + 1
    await transaction.run("set_version", wallet=wallet, version=version)
    await _put_out(transaction, Watched(wallet, version, held.since, fresh=False))
    return version


async def _put_out(transaction: Transaction, held: Watched) -> None:
    roles = tuple(sorted(held.since))
    message = WatchedAddress(wallet=held.wallet, version=held.version, roles=roles, since=held.since)
    await transaction.run("put_out", topic=WATCHED_ADDRESSES, key=held.wallet, value=message.encode())
    await transaction.run("wake_relay")


async def watch(transaction: Transaction, new: NewWatchedAddress) -> tuple[WatchedAddressView, bool]:
    """Add roles to a wallet's set, never take one away; (the wallet, whether it is new)."""
    held = await hold(transaction, new.wallet, add=True)
    await set_roles(transaction, held, held.since.keys() | frozenset(new.roles))
    said = {
        "win_rate": new.win_rate,
        "markets": new.markets,
        "score": new.score,
        "result_usdc": new.result_usdc,
    }
    imported = any(value is not None for value in said.values())
    await transaction.run("describe_wallet", wallet=new.wallet, label=new.label, imported=imported, **said)
    return await shown(transaction, new.wallet), held.fresh


async def replace_roles(
    transaction: Transaction,
    wallet: Wallet,
    roles: AbstractSet[AddressType],
    *,
    force: bool,
    who: str,
    reason: str,
) -> WatchedAddressView:
    """Exactly these roles. 409 when copy_leader would go while somebody follows the wallet, unless ``force``: then
    those followings end here and their followers are told (SAFETY R16)."""
    held = await hold(transaction, wallet, add=False)
    if AddressType.COPY_LEADER in held.since and AddressType.COPY_LEADER not in roles:
        living = await transaction.rows("living_followings", leader=wallet)
        if living and not force:
            raise Refused(
                "conflict", f"{len(living)} followings of this wallet are not ended; force ends them."
            )
        for row in living:
            await _end(transaction, row["allocation_id"], row["user_id"], wallet, who=who, reason=reason)
    await set_roles(transaction, held, roles)
    return await shown(transaction, wallet)


async def shown(transaction: Transaction, wallet: str) -> WatchedAddressView:
    """The wallet as it stands. 404 when it is not watched."""
    view = await transaction.view(WatchedAddressView, "watched_address", wallet=wallet)
    if view is None:
        raise not_found("watched wallet")
    return view


async def _end(
    transaction: Transaction, allocation_id: str, user_id: str, leader: str, *, who: str, reason: str
) -> None:
    await transaction.run("change_state", allocation_id=allocation_id, user_id=user_id, state="ended")
    await transaction.run("keep_version", allocation_id=allocation_id, changed_by=who)
    body = json.dumps({"allocation_id": allocation_id, "leader": leader, "reason": reason})
    await transaction.run("tell", user_id=user_id, kind="following_ended", event=allocation_id, body=body)
