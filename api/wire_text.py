"""Values of the database straight as their text on the wire: a list of 20 rows makes no Decimal and no datetime.

The same text as the views make (a test compares them): decimals plain, times RFC 3339 in UTC.
"""

from __future__ import annotations

from typing import Final

from psycopg.adapt import Buffer, Loader

_MICROS: Final = 6


class PlainNumeric(Loader):
    """``1.500000`` as ``1.5``."""

    def load(self, data: Buffer) -> str:
        text = bytes(data).decode("ascii")
        return text.rstrip("0").rstrip(".") if "." in text else text


class Rfc3339(Loader):
    """``2026-09-03 12:03:04.12+00`` as ``2026-09-03T12:03:04.120000Z``; the connection's zone is UTC."""

    def load(self, data: Buffer) -> str:
        text = bytes(data).decode("ascii").removesuffix("+00")
        day, _, time = text.partition(" ")
        whole, point, part = time.partition(".")
        return f"{day}T{whole}.{part.ljust(_MICROS, '0')}Z" if point else f"{day}T{whole}Z"
