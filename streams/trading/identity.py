"""What makes an order this order and no other: salt and time stamp follow from copy order and attempt (DESIGN §4.1).

The same plan always gives the same bytes, whoever signs it, so the exchange itself refuses a second one.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
# The salt travels as a JSON number: 53 bits are exact everywhere, and what the SDK uses.
_SALT_BITS: Final = 53


def salt_of(copy_order_id: str, attempt: int) -> int:
    """53 bits that only this attempt of this copy order has."""
    digest = hashlib.sha256(f"polycool order\x1f{copy_order_id}\x1f{attempt}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> (64 - _SALT_BITS)


def timestamp_ms_of(decided_at: datetime, attempt: int) -> int:
    """When the copy was decided, in milliseconds since 1970; each later attempt one millisecond on."""
    return (decided_at - _EPOCH) // _MILLISECOND + attempt - 1
