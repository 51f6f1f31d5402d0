"""The file that says who follows whom, with what settings and how much cash."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from ops.backtest.recorded import BadFile
from schemas.allocations import AllocationSettings
from schemas.base import Moment
from schemas.enums import AllocationState
from schemas.ids import Wallet
from schemas.money import DecimalText
from streams.copy_execution.inputs import Account, Allocation, LeaderValue
from streams.what_if.fill_models import FillModel
from streams.what_if.following import Following

ALWAYS_FRESH: Final = datetime.max.replace(tzinfo=UTC)
"""Taken at the end of time: a value in such a file never grows old."""
_Usdc = Annotated[DecimalText, Field(ge=0, lt=Decimal(10) ** 12, decimal_places=6)]


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class FollowerRow(_Closed):
    """A follower and the cash at the start."""

    wallet: Wallet
    cash_usdc: _Usdc


class AllocationRow(_Closed):
    """One allocation; its settings stand beside the other keys, by their names in RULES §2."""

    allocation_id: Annotated[str, Field(min_length=1, max_length=100)]
    follower: Wallet
    leader: Wallet
    active_from: Moment
    state: AllocationState = AllocationState.ACTIVE
    settings: AllocationSettings

    @model_validator(mode="before")
    @classmethod
    def _gather_settings(cls, row: object) -> object:
        if not isinstance(row, dict) or "settings" in row:
            return row
        own = {key: value for key, value in row.items() if key in cls.model_fields}
        return own | {"settings": {key: value for key, value in row.items() if key not in own}}


class AllocationsFile(_Closed):
    """The whole file. ``fill_model`` and ``delay_seconds`` hold where the command line names none; ``leader_values``
    (USDC by wallet) are constant and always fresh."""

    fill_model: FillModel = FillModel.LIMIT
    delay_seconds: Annotated[DecimalText, Field(ge=0, le=86_400, decimal_places=6)] = Decimal(0)
    leader_values: dict[Wallet, _Usdc] = Field(default_factory=dict)
    followers: list[FollowerRow]
    allocations: Annotated[list[AllocationRow], Field(min_length=1)]

    @field_validator("allocations")
    @classmethod
    def _each_once(cls, rows: list[AllocationRow]) -> list[AllocationRow]:
        seen: set[str] = set()
        for row in rows:
            if row.allocation_id in seen:
                raise ValueError(f"allocation_id {row.allocation_id} is there twice")
            seen.add(row.allocation_id)
        return rows

    @model_validator(mode="after")
    def _followers_known(self) -> AllocationsFile:
        known = [row.wallet for row in self.followers]
        if len(set(known)) < len(known):
            raise ValueError("followers: a wallet is there twice")
        for row in self.allocations:
            if row.follower not in known:
                raise ValueError(
                    f"allocations: {row.allocation_id} has the follower {row.follower}, who has no cash"
                )
        return self

    def followings(self) -> list[Following]:
        """The allocations in file order, those of one follower over one account."""
        accounts = {row.wallet: Account(row.wallet, row.cash_usdc) for row in self.followers}
        return [
            Following(
                Allocation(
                    row.allocation_id, row.follower, row.leader, row.active_from, row.settings, row.state
                ),
                accounts[row.follower],
            )
            for row in self.allocations
        ]

    def values(self) -> dict[str, LeaderValue]:
        """The leaders' values by wallet."""
        return {wallet: LeaderValue(usdc, ALWAYS_FRESH) for wallet, usdc in self.leader_values.items()}


def read_allocations(name: str) -> AllocationsFile:
    """Read the file; BadFile names each bad field."""
    try:
        return AllocationsFile.model_validate_json(Path(name).read_bytes())
    except OSError as error:
        raise BadFile(f"{name} cannot be read: {error.strerror}.") from None
    except ValidationError as error:
        faults = [f"  {_place(fault['loc'])}{fault['msg']}" for fault in error.errors(include_url=False)]
        raise BadFile("\n".join([f"{name} does not fit:", *faults])) from None


def _place(steps: tuple[Any, ...]) -> str:
    return ".".join(str(step) for step in steps) + ": " if steps else ""
