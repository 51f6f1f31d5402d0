"""Settings of the real exchange: where it is, its user stream, its relayer. Without its host nothing is live."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings

from streams.venues.wallets import DEPOSIT_WALLET


class LiveSettings(BaseSettings):
    """Part of ``TradingSettings``; each limit has the reason for its number beside it."""

    # The real exchange is spoken to only where this names it; orders there need the operators' switch, the user's
    # arming with a day cap, and a following or an order that says live.
    polymarket_url: str | None = None
    # The user stream (wss://…/ws/user): it only wakes; without it fills are looked for by the clock.
    polymarket_stream_url: str | None = None
    # One connection each; accounts whose orders are open or not settled come first.
    stream_accounts_most: Annotated[int, Field(ge=0, le=2_000)] = 200
    # Where the exchange says whether it takes orders from here: looked at before anybody arms.
    geoblock_url: str = "https://polymarket.com/api/geoblock"
    # What holds a new live account's money: the exchange takes new addresses as deposit wallets (3) only.
    live_signature_type: Annotated[int, Field(ge=0, le=3)] = DEPOSIT_WALLET

    # Redeems winnings and sends withdrawals for proxies, Safes and deposit wallets; without all three winnings stay
    # claims and nobody can arm.
    relayer_url: str | None = None
    relayer_api_key: SecretStr | None = None
    relayer_api_key_address: str | None = None
    # A redemption is mined in seconds; each look is three requests.
    redeem_look_seconds: Annotated[float, Field(gt=0)] = 5.0
    # The same bytes again, and the pause after a failed attempt, which doubles with each.
    redeem_again_seconds: Annotated[float, Field(gt=0)] = 30.0
    # Shares that were bought late may not be there yet: so long they are waited for.
    redeem_patience_seconds: Annotated[float, Field(ge=0)] = 600.0

    @model_validator(mode="after")
    def _relayer_is_whole(self) -> LiveSettings:
        given = [self.relayer_url, self.relayer_api_key, self.relayer_api_key_address]
        if any(given) and not all(given):
            raise ValueError("the relayer needs its URL, its key and the address of the key, or none of them")
        return self
