"""Why a withdrawal stands as it does: the closed set of what is stored, and each in the words people read. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class WithdrawalCause(StrEnum):
    """What stands in ``withdrawals.cause``; people read ``withdrawal.cause.<name>`` in their language."""

    ASKED = "asked for"
    SIGNED = "signed"
    SENT = "sent"
    TAKEN = "taken"
    LOOKED_AT = "looked at"
    UNCLEAR = "the answer does not say"
    BUSY = "the relayer is busy"
    DONE = "the money is out"
    REFUSED = "refused by the relayer"
    NEVER_SENT = "it was never sent"
    NEVER_RAN = "proven never to run"
    ADDRESS = "the address was taken away, or is not a day old"
    ADDRESS_GONE = "the address was taken away"
    NOT_FREE = "so much is not free"
    NOT_POSSIBLE = "withdrawals are not possible here now"
    BOOKS_DIFFER = "the exchange has less than the books say"
    NOT_THERE = "the exchange does not have so much of it"
    WALLET = "the relayer serves proxies, Safes and deposit wallets only"


def cause_said(texts: Mapping[str, str], stored: str) -> str:
    """The cause in the language of ``texts``; what is none of the set is a fault of ours and said as such."""
    known = WithdrawalCause(stored).name if stored in set(WithdrawalCause) else "OTHER"
    return texts[f"withdrawal.cause.{known}"]
