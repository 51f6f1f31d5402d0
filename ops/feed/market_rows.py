"""A line of a markets file becomes a MarketSeen, or is refused with its reason. Pure.

Read are ``token_id, condition_id`` and, where the file has them, ``question, outcome, end_date, category, tick,
fee_rate, neg_risk, resolved_outcome, final_price``. What it does not say has the default of MarketSeen (DESIGN §9).
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from pydantic import ValidationError

from ops.feed.refusals import Refused, column_names, reasons, row_of
from schemas.base import rfc3339
from schemas.markets import MarketSeen

COLUMNS: Final = ("token_id", "condition_id")
# Columns that a file may have, under the field of MarketSeen they fill.
_OPTIONAL: Final = {
    "question": "question",
    "outcome": "outcome",
    "end_date": "end_at",
    "category": "category",
    "tick": "tick",
    "fee_rate": "fee_rate",
}
_NAMED: Final = {"market_id": "condition_id", **{field: column for column, field in _OPTIONAL.items()}}


class MarketRows:
    """Rows of a markets file. Markets count as open, whatever became of them since, unless ``resolved_at`` is given:
    then a row with a ``final_price`` is closed and pays it. ``version`` goes into every message (SAFETY R23)."""

    def __init__(self, header: str, *, version: int, resolved_at: datetime | None = None) -> None:
        self._names = column_names(header, COLUMNS)
        self._version = version
        self._resolved_at = resolved_at

    def read(self, line: int, text: str) -> MarketSeen | Refused:
        """The market of one token, or why there is none."""
        row = row_of(self._names, line, text)
        if isinstance(row, Refused):
            return row
        fields: dict[str, object] = {
            field: row[column] for column, field in _OPTIONAL.items() if row.get(column)
        }
        if row.get("neg_risk"):
            fields["neg_risk"] = row["neg_risk"]
        if self._resolved_at is not None and row.get("final_price") and row.get("resolved_outcome"):
            ended = {"closed": True, "payout": row["final_price"], "resolved_at": rfc3339(self._resolved_at)}
            fields |= ended
        try:
            return MarketSeen.model_validate(
                {
                    "version": self._version,
                    "token_id": row["token_id"],
                    "market_id": row["condition_id"],
                    **fields,
                }
            )
        except ValidationError as error:
            return Refused(line, reasons(error, _NAMED))
