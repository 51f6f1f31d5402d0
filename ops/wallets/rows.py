"""Rows of a file of wallets: who, as what, and what the list says of them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from ops.feed.refusals import Refused, WrongFile, column_names, reasons, row_of
from schemas.enums import AddressType
from schemas.ids import Wallet
from schemas.money import EXACT, MICRO, plain
from schemas.requests import Label
from schemas.watched import AddressTypeText

NEEDED: Final = ("wallet",)
# Columns of the file by the field they fill; spellings of former lists beside ours.
COLUMNS: Final[Mapping[str, Sequence[str]]] = {
    "wallet": ("wallet",),
    "role": ("address_type", "role", "type"),
    "label": ("label", "name"),
    "win_rate": ("win_rate",),
    "markets": ("markets_count", "markets"),
    "score": ("smartscore", "score"),
    "result_usdc": ("realized_pnl", "result_usdc"),
}
_RATE_STEP: Final = Decimal("0.00001")
# What lists write where they know nothing: no reason to refuse a row.
_NOTHING: Final = frozenset({"", "null", "none", "nan", "-"})


def _known(value: object) -> object:
    return None if isinstance(value, str) and value.strip().lower() in _NOTHING else value


_UNLESS_NOTHING: Final = BeforeValidator(_known)


class Row(BaseModel):
    """One line; what is not known is null."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)

    wallet: Wallet
    role: Annotated[AddressTypeText | None, _UNLESS_NOTHING] = None
    label: Annotated[Label | None, _UNLESS_NOTHING] = None
    win_rate: Annotated[Annotated[Decimal, Field(ge=0, le=1)] | None, _UNLESS_NOTHING] = None
    markets: Annotated[Annotated[int, Field(ge=0, lt=2**31)] | None, _UNLESS_NOTHING] = None
    score: Annotated[Annotated[Decimal, Field(gt=-(10**9), lt=10**9)] | None, _UNLESS_NOTHING] = None
    result_usdc: Annotated[Annotated[Decimal, Field(gt=-(10**12), lt=10**12)] | None, _UNLESS_NOTHING] = None


@dataclass(slots=True)
class Listed:
    """A file's wallets, each once with all its roles; the lines that were refused; how many lines repeated a wallet."""

    wallets: dict[str, Row] = field(default_factory=dict)
    roles: dict[str, set[AddressType]] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)
    repeated: int = 0

    def add(self, row: Row) -> None:
        """Take a row up. Of the same wallet the row of more markets is kept, and what it lacks is filled in."""
        self.roles.setdefault(row.wallet, set()).add(row.role or AddressType.SMART_TRADER)
        former = self.wallets.get(row.wallet)
        if former is None:
            self.wallets[row.wallet] = row
            return
        self.repeated += 1
        better, other = (row, former) if (row.markets or 0) > (former.markets or 0) else (former, row)
        missing = {name: value for name, value in other if getattr(better, name) is None}
        self.wallets[row.wallet] = better.model_copy(update=missing)

    def bodies(self) -> list[dict[str, Any]]:
        """What the API is asked with, wallet by wallet."""
        return [body_of(row, self.roles[wallet]) for wallet, row in self.wallets.items()]


def read_rows(lines: Iterable[tuple[int, str]]) -> Listed:
    """All rows of a file of numbered lines, the header first; WrongFile when it is none. A bad line is refused by its
    number, its neighbours are taken."""
    numbered = iter(lines)
    first = next(numbered, None)
    if first is None:
        raise WrongFile("the file is empty")
    names = column_names(first[1], NEEDED)
    fields = {
        field: column for field, columns in COLUMNS.items() for column in reversed(columns) if column in names
    }
    listed = Listed()
    for number, text in numbered:
        cells = row_of(names, number, text)
        if isinstance(cells, Refused):
            listed.refused.append(cells)
            continue
        try:
            listed.add(Row.model_validate({field: cells[column] for field, column in fields.items()}))
        except ValidationError as error:
            listed.refused.append(Refused(number, reasons(error, fields)))
    return listed


def body_of(row: Row, roles: Iterable[AddressType]) -> dict[str, Any]:
    """The body of POST /v1/watched-addresses."""
    known = {
        "label": row.label,
        "win_rate": None if row.win_rate is None else _text(row.win_rate, _RATE_STEP),
        "markets": row.markets,
        "score": None if row.score is None else _text(row.score, MICRO),
        "result_usdc": None if row.result_usdc is None else _text(row.result_usdc, MICRO),
    }
    return {
        "wallet": row.wallet,
        "roles": sorted(role.value for role in roles),
        **{name: value for name, value in known.items() if value is not None},
    }


def _text(value: Decimal, step: Decimal) -> str:
    return plain(value.quantize(step, ROUND_HALF_EVEN, EXACT))
