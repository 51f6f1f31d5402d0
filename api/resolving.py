"""What somebody sent, as wallets one can look at, or refused with the words of UX S4a."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from api import addresses
from api.actor import UserActor
from api.contracts_of_exchange import CONTRACTS
from api.doors import Doors
from api.problems import Refused
from api.profiles import LookUpFailed
from schemas.views import FieldError
from schemas.wallet_views import Resolved, ResolvedWallet

# What a person may say to go on all the same; told in the refusal's `allowed`, with the wallet that would be taken.
GO_ON: Final = {"resolve.checksum": "checksum=ignore", "resolve.unknown": "unknown=allow"}


async def resolve(
    doors: Doors, asking: UserActor, text: str, *, ignore_checksum: bool, allow_unknown: bool
) -> Resolved:
    """The wallets in the text. 422 with the sentence of what is wrong; a single wallet must be one to copy."""
    found = addresses.read(text, ignore_checksum=ignore_checksum)
    if found.fault is not None:
        fault = found.fault
        raise refused(doors, fault.key, hex_characters=fault.hex_characters, wallet=fault.wallet)
    wallets = found.wallets if found.name is None else await _named(doors, found.name)
    async with doors.database.transaction(asking.scope) as transaction:
        rows = await transaction.rows("wallets_sent", wallets=list(wallets), user_id=asking.user_id)
    if len(rows) == 1:
        _complain(
            doors,
            rows[0]["wallet"],
            own=rows[0]["own"],
            known=rows[0]["known"] or rows[0]["allocation_id"] is not None or allow_unknown,
        )
    items = [
        ResolvedWallet(
            wallet=row["wallet"], label=row["label"], known=row["known"], allocation_id=row["allocation_id"]
        )
        for row in rows
        if len(rows) == 1 or not (row["own"] or row["wallet"] in CONTRACTS)
    ]
    if not items:
        raise refused(doors, "resolve.contract" if rows[0]["wallet"] in CONTRACTS else "resolve.own")
    return Resolved(items=tuple(items))


def refused(doors: Doors, key: str, *, hex_characters: int = 0, wallet: str | None = None) -> Refused:
    """422 with the exact sentence. What was sent is not repeated, it may be a key sent by mistake; only the ``wallet``
    that it would be is."""
    sentence = doors.texts[key].format(hex_characters=hex_characters)
    error = FieldError(field="q", value=wallet, allowed=GO_ON.get(key), message=sentence)
    return Refused("invalid", sentence, errors=[error])


def _complain(doors: Doors, wallet: str, *, own: bool, known: bool) -> None:
    if own:
        raise refused(doors, "resolve.own")
    if wallet in CONTRACTS:
        raise refused(doors, "resolve.contract")
    if not known:
        raise refused(doors, "resolve.unknown", wallet=wallet)


async def _named(doors: Doors, name: str) -> Sequence[str]:
    try:
        wallets = await doors.profiles.wallets_of(name)
    except LookUpFailed as fault:
        raise refused(doors, "resolve.names_down") from fault
    if not wallets:
        raise refused(doors, "resolve.no_profile")
    return wallets
