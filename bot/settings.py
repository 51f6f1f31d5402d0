"""What the bot is told by its environment (`POLYCOOL_*`), read once at the start."""

from __future__ import annotations

import re
from typing import Annotated, Final

from pydantic import AfterValidator, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

# Shorter than 16 characters can be guessed; the words are those of examples.
SECRET_LENGTH_MIN: Final = 16
_EXAMPLE_WORDS: Final = ("change", "example", "placeholder", "your-", "password")
_TELEGRAM_TOKEN: Final = re.compile(r"[0-9]{3,20}:[A-Za-z0-9_-]{20,}")
# What Telegram takes as a webhook's secret.
_WEBHOOK_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{16,256}")


def _no_example(secret: SecretStr) -> SecretStr:
    text = secret.get_secret_value()
    if len(text) < SECRET_LENGTH_MIN:
        raise ValueError(f"must have at least {SECRET_LENGTH_MIN} characters")
    if any(word in text.lower() for word in _EXAMPLE_WORDS):
        raise ValueError("is that of an example: make one of your own")
    return secret


def _telegram_token(secret: SecretStr) -> SecretStr:
    if not _TELEGRAM_TOKEN.fullmatch(secret.get_secret_value()):
        raise ValueError("must be a bot's token as @BotFather gives it: digits, a colon, letters")
    return secret


def _webhook_secret(secret: SecretStr) -> SecretStr:
    if not _WEBHOOK_SECRET.fullmatch(secret.get_secret_value()):
        raise ValueError("must be 16 to 256 letters, digits, dashes or underscores")
    return secret


Secret = Annotated[SecretStr, AfterValidator(_no_example)]


class BotSettings(BaseSettings):
    """The bot's settings. A missing or example secret stops the start."""

    model_config = SettingsConfigDict(
        env_prefix="POLYCOOL_", frozen=True, extra="ignore", hide_input_in_errors=True
    )

    # As @BotFather gives it; `up` starts the bot where it is set.
    telegram_token: Annotated[SecretStr, AfterValidator(_telegram_token)]
    # Another server of the Bot API, such as one on this host.
    telegram_url: str = "https://api.telegram.org"
    api_url: str = "http://127.0.0.1:8000"
    # Mints the tokens that act for one user: base64 of the 32 bytes of an Ed25519 key; the API has its public half.
    bot_signing_key: Secret
    # Seals the buttons: only who got one may tap it. Another secret makes all buttons "not yours".
    bot_secret: Secret
    log_level: str = "info"
    # Loopback only: /livez, /readyz, /metrics. 0: any free port, named in the line that says ready.
    bot_http_port: Annotated[int, Field(ge=0, le=65_535)] = 0
    # Set: Telegram posts updates to this address (https) instead of being asked for them.
    telegram_webhook_url: str = ""
    # What Telegram sends along with each update; required with an address.
    telegram_webhook_secret: Annotated[SecretStr, AfterValidator(_webhook_secret)] | None = None
    # Where the proxy in front of the webhook finds us.
    bot_webhook_host: str = "127.0.0.1"
    bot_webhook_port: Annotated[int, Field(ge=0, le=65_535)] = 8443
    # How long Telegram may hold a question for updates open; it answers at once when there is one.
    telegram_poll_seconds: Annotated[int, Field(ge=0, le=50)] = 20
    # Updates handled at the same time; each waits for the API, hardly ever for this machine.
    bot_concurrency: Annotated[int, Field(ge=1, le=1_000)] = 256
    # UX §4: looking and changing, all tries together.
    bot_look_seconds: Annotated[float, Field(gt=0, le=30)] = 3.0
    bot_change_seconds: Annotated[float, Field(gt=0, le=60)] = 10.0

    @model_validator(mode="after")
    def _webhook_is_whole(self) -> BotSettings:
        if self.telegram_webhook_url and self.telegram_webhook_secret is None:
            raise ValueError("telegram_webhook_secret: required with telegram_webhook_url")
        if self.telegram_webhook_url and not self.telegram_webhook_url.startswith(
            ("https://", "http://127.")
        ):
            raise ValueError("telegram_webhook_url: must begin with https://")
        return self
