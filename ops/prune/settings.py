"""For how long rows are kept that are no record of money; each with the reason for its number."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class KeptSettings(BaseSettings):
    """Settings of `polycool prune`. What moved money is kept for ever: orders, fills, lots, cash."""

    model_config = SettingsConfigDict(env_prefix="POLYCOOL_", extra="ignore", frozen=True)

    # What skipped and late copies were decided by (inputs, checks): 1.4 of 2.2 kB a row. The copy with its answer
    # and reason stays for ever; after a quarter of a year nobody asks for the figures behind it.
    kept_skips_days: int = Field(default=90, ge=90, le=3_650)
    # Notices that were shown: a chat keeps them anyway, the API's history shows this far back.
    kept_notices_days: int = Field(default=90, ge=31, le=3_650)
    # Audits of accounts, but the newest of each: a quarter of a year is looked back at for a difference.
    kept_audits_days: int = Field(default=90, ge=7, le=3_650)
    # Rows deleted in one transaction: some 100 ms, so that nobody waits for it.
    prune_rows: int = Field(default=5_000, ge=100, le=100_000)
