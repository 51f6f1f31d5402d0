"""Settings of the prices that trading keeps for what people are shown; part of ``TradingSettings``."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from pydantic_settings import BaseSettings


class PriceSettings(BaseSettings):
    """Each limit has the reason for its number beside it."""

    # Requests for books a second at each exchange: the real one takes 50, and all else that looks there comes first.
    price_requests_per_second: Annotated[float, Field(gt=0, le=50)] = 5.0
    # Books asked for in one request: an answer of 50 deep books is about a megabyte.
    price_books_at_once: Annotated[int, Field(ge=1, le=500)] = 50
    # What somebody looks at is shown at most 5 s old: this, a pass and the answer.
    price_wished_seconds: Annotated[float, Field(gt=0, le=60)] = 3.0
    # What is only held: after 60 s a price is none any more, and one pass may fail.
    price_held_seconds: Annotated[float, Field(gt=0, le=60)] = 20.0
