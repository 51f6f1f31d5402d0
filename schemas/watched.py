"""Topic ``watched_addresses`` (compacted): the roles of a wallet."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from schemas.base import Message
from schemas.enums import IMPORTED_ADDRESS_TYPES, AddressType
from schemas.ids import Wallet


def _address_type(value: object) -> AddressType:
    if isinstance(value, str) and value in IMPORTED_ADDRESS_TYPES:
        return IMPORTED_ADDRESS_TYPES[value]
    allowed = ", ".join(kind.value for kind in AddressType)
    raise ValueError(f"must be one of: {allowed}")


AddressTypeText = Annotated[AddressType, BeforeValidator(_address_type)]
"""``copy_leader`` or ``smart_trader``; imported spellings are normalised here, anything else is refused."""


class WatchedAddress(Message):
    """The roles a wallet holds now; ``roles: []`` ends them, the highest ``version`` wins whatever the order (R23).

    ``since`` tells for each role the version at which it was gained: a wallet that was without a role begins a new
    ledger (SAFETY R16).
    """

    schema_version: Literal[1] = 1
    wallet: Wallet
    version: Annotated[int, Field(ge=1)]
    roles: Annotated[tuple[AddressTypeText, ...], Field(max_length=2)]
    since: dict[AddressTypeText, Annotated[int, Field(ge=0)]] = Field(default_factory=dict)
