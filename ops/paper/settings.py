"""The paper exchange's settings: environment variables ``POLYCOOL_PAPER_*``, and ``POLYCOOL_DATABASE_URL``."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from ops.paper.conduct import ConductForm
from ops.paper.fills import FillModel
from ops.paper.limits import LimitsForm


class AmountUnits(StrEnum):
    """How an answer writes ``makingAmount`` and ``takingAmount``: both have been seen (SAFETY R33)."""

    UNITS = "units"
    MICRO = "micro"


class OrderLookup(StrEnum):
    """Whether ``GET /data/order/{id}`` shows orders that are over; on the real one this is unclear (SAFETY R5)."""

    ALL = "all"
    ACTIVE = "active"


class PaperSettings(BaseSettings):
    """What the exchange is started with; each number with the reason for it."""

    model_config = SettingsConfigDict(env_prefix="POLYCOOL_", extra="ignore", frozen=True)

    database_url: SecretStr
    """Login that may take the role ``polycool_paper``."""
    paper_admin_token: SecretStr = Field(min_length=8)
    """Bearer token of ``/paper/admin``; there is no default."""
    paper_host: str = "127.0.0.1"
    """Paper money needs no public door."""
    paper_port: Annotated[int, Field(ge=0, le=65_535)] = 8_010
    """0 takes a free one; the line ``ready`` says which."""
    paper_chain_id: int = 137
    """Polygon, as the real exchange: the same signed bytes are good for both."""
    paper_fill_model: FillModel = FillModel.LIMIT
    """Pessimistic and the same every time."""
    paper_mined_after_seconds: Annotated[float, Field(ge=0)] = 0.2
    """From the match to the block; from here on a trade names its transaction."""
    paper_confirmed_after_seconds: Annotated[float, Field(ge=0)] = 0.5
    """The real one takes 2 to 5 s; short, so that demo and tests settle soon."""
    paper_balance_lag_seconds: Annotated[float, Field(ge=0)] = 0.0
    """How long bought shares cannot be sold yet; the real one: 2 to 5 s (SAFETY R1)."""
    paper_market_delay: bool = False
    """Orders that would match in a market with a delay of its own are `delayed` by it; off, so that demos are quick."""
    paper_order_lookup: OrderLookup = OrderLookup.ALL
    """`active` hides orders that are over from `/data/order/{id}`, as is said of the real one (SAFETY R5)."""
    paper_amount_units: AmountUnits = AmountUnits.UNITS
    """Live reports show units."""
    paper_market_taker_decimals: Annotated[int, Field(ge=2, le=6)] | None = None
    """Cap on the counter amount's decimals of market orders; 4 was reported of the real one (July 2026), None is how
    its own client rounds."""
    paper_clock_tolerance_seconds: Annotated[int, Field(ge=1)] = 300
    """Older or newer signed requests are refused; the real one's figure is not published."""
    paper_takeover_seconds: Annotated[float, Field(ge=0)] = 15.0
    """How long a new exchange waits for a killed one's connection to be noticed by the database as gone."""
    paper_region_blocked: bool = False
    """What `/api/geoblock` answers: whether orders from here are refused."""
    paper_max_batch: Annotated[int, Field(ge=1)] = 256
    """Orders per transaction: beyond this the commit is no longer what takes the time."""
    paper_max_body_bytes: Annotated[int, Field(ge=1024)] = 1_048_576
    """Fifteen orders are 15 kB; markets in bulk are the largest body."""
    paper_page_rows: Annotated[int, Field(ge=1, le=1_000)] = 500
    """Rows per page of orders and trades."""
    paper_conduct: ConductForm | None = None
    """Rules in force from the start (JSON, as ``PUT conduct``): a killed exchange misbehaves again when it is back."""
    paper_limits: LimitsForm | None = None
    """Limits in force from the start (JSON, as ``PUT limits``); None: none, so that tests may hurry."""
    paper_counterparty: str = "0x" + "c0" * 20
    """The maker address that trades name as the other side."""
