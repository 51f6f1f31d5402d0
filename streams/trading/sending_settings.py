"""Settings of what goes out to an exchange and how much of it, read with `TradingSettings`."""

from __future__ import annotations

from decimal import Decimal

from pydantic import Field
from pydantic_settings import BaseSettings


class SendingSettings(BaseSettings):
    """Limits of an exchange until it tells its own, breakers, and what is looked at before a POST."""

    # POSTs under way at one exchange; a quarter is kept for SELLs (SAFETY R7).
    post_concurrency: int = Field(default=64, ge=4, le=1_000)
    # Of one address, until answers tell more: the real one was seen to take 5,000 in 10 s and 120,000 in 10 min;
    # 300 at once and 150 a second are at most 1,800 and 90,300.
    posts_per_second: float = Field(default=150.0, gt=0)
    posts_at_once: float = Field(default=300.0, ge=1)
    # Of one signer: half of what the lowest tier was said to have (40 a second, 60 at once).
    signer_posts_per_second: float = Field(default=20.0, gt=0)
    signer_posts_at_once: float = Field(default=30.0, ge=1)
    # Our own exchange has no limits but those it is given for a test, and those it tells.
    paper_posts_per_second: float = Field(default=5_000.0, gt=0)
    paper_posts_at_once: float = Field(default=10_000.0, ge=1)

    # No answer, or one that proves nothing, so often in a row: a single one is an accident, five are an outage.
    down_after: int = Field(default=5, ge=1)
    # The first pause then, and the longest: an engine restarts within 90 s, and a BUY lives 60 s.
    down_pause_seconds: float = Field(default=1.0, gt=0)
    down_pause_most: float = Field(default=15.0, gt=0)
    # Refusals of an account's own live BUYs in a row that pause them: one can be chance, two a race, three are a state.
    refusals_most: int = Field(default=3, ge=1)

    # SAFETY R2, R13: how old a book may be; and one look per token serves all that wait.
    book_seconds: float = Field(default=5.0, gt=0, le=60)
    # SAFETY R13: a first attempt waits for its book no longer than this, then goes by the leader's price.
    book_patience_seconds: float = Field(default=1.0, gt=0)
    # SAFETY R2: bids this far under a BUY's limit still count (a share of it); paper money only where wanted.
    thin_under: Decimal = Field(default=Decimal("0.1"), ge=0, lt=1)
    thin_on_polymarket: bool = True
    thin_on_paper: bool = False
    # SAFETY R13: while nothing may be posted, operators are told again this often.
    halt_told_seconds: float = Field(default=600.0, gt=0)

    # SAFETY R19: how far back at least an account's orders at the exchange are looked at before its first BUY.
    forgotten_back_seconds: float = Field(default=3_600.0, ge=60)
    forgotten_concurrency: int = Field(default=8, ge=1, le=64)
    forgotten_on_paper: bool = False
