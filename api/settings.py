"""What the API is told by its environment (`POLYCOOL_*`), read once at the start."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Final

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_settings import NoDecode, SettingsConfigDict

from api.user_tokens import UserTokens
from schemas.kafka_access import KafkaSettings

# Shorter than 16 characters can be guessed; the words are those of examples.
TOKEN_LENGTH_MIN: Final = 16
_EXAMPLE_WORDS: Final = ("change", "example", "placeholder", "your-", "password")
# Standard Webhooks: a secret of 24 to 64 bytes.
WEBHOOK_SECRET_BYTES: Final = range(24, 65)


def _no_example(secret: SecretStr) -> SecretStr:
    text = secret.get_secret_value()
    if len(text) < TOKEN_LENGTH_MIN:
        raise ValueError(f"must have at least {TOKEN_LENGTH_MIN} characters")
    if any(word in text.lower() for word in _EXAMPLE_WORDS):
        raise ValueError("is that of an example: make one of your own")
    return secret


def _split(value: object) -> object:
    return (
        tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value
    )


def _signing_secret(secret: SecretStr) -> SecretStr:
    encoded = secret.get_secret_value().removeprefix("whsec_")
    try:
        raw = base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    except binascii.Error as error:
        raise ValueError("must be whsec_ and base64") from error
    if len(raw) not in WEBHOOK_SECRET_BYTES:
        raise ValueError("must hold 24 to 64 bytes")
    return secret


def _public_key(text: str) -> str:
    UserTokens([text])
    return text


Token = Annotated[SecretStr, AfterValidator(_no_example)]
PublicKeys = Annotated[
    tuple[Annotated[str, AfterValidator(_public_key)], ...],
    NoDecode,
    BeforeValidator(_split),
    # Two while one takes the other's place.
    Field(min_length=1, max_length=2),
]
# A name for people (a worker each), and where its figures are.
Watched = Annotated[
    tuple[Annotated[str, Field(pattern=r"^[a-z0-9_.-]{1,40}=https?://[^/?#@]+/[^?#]*$")], ...],
    NoDecode,
    BeforeValidator(_split),
    Field(max_length=40),
]
SigningSecrets = Annotated[
    tuple[Annotated[SecretStr, AfterValidator(_signing_secret)], ...],
    NoDecode,
    BeforeValidator(_split),
    # Two while one takes the other's place.
    Field(max_length=2),
]


class Settings(KafkaSettings):
    """The API's settings. A missing or example secret stops the start."""

    model_config = SettingsConfigDict(
        env_prefix="POLYCOOL_", frozen=True, extra="ignore", hide_input_in_errors=True
    )

    kafka: str
    database_url: SecretStr
    topic_prefix: str = ""
    log_level: str = "info"
    # Where traces of trades that come by webhook begin their way (as with streams).
    traces_url: str | None = None
    api_host: str = "127.0.0.1"
    api_port: Annotated[int, Field(ge=0, le=65_535)] = 8000
    operator_token: Token
    # The bot's public keys (base64 of 32 bytes each), which prove for which user it asks; by comma, two while one
    # replaces the other. `python -m bot.minting` makes a pair.
    bot_public_keys: PublicKeys
    # Where people's browsers reach the API; links for signing in on the web page begin with it.
    api_public_url: str = "http://127.0.0.1:8000"
    webhook_secrets: SigningSecrets = ()
    # The former indexer's route does not exist unless this is set (SAFETY R9).
    former_webhook_secret: Token | None = None
    # Ten connections serve some 2,000 short transactions a second here; more would only wait inside Postgres.
    api_pool_size: Annotated[int, Field(ge=1, le=100)] = 10
    # Lists have connections of their own, without a transaction's trips: four keep one worker busy.
    api_lists_pool_size: Annotated[int, Field(ge=1, le=50)] = 4
    # Longer waits than this are shown as 503: the asker has given up by then (UX §4: 10 s for changes).
    api_pool_seconds: Annotated[float, Field(gt=0, le=60)] = 5.0
    # One MiB holds 500 trades of 2 kB each.
    api_body_bytes_max: Annotated[int, Field(ge=1_024)] = 1_048_576
    # Until the broker has confirmed: an idle broker takes 3 ms; the former indexer gives up after 15 s.
    api_confirm_seconds: Annotated[float, Field(gt=0, le=60)] = 8.0
    # Open event streams of one user (a bot, a few tabs), and of all: each holds a connection and some kilobytes.
    api_streams_per_user: Annotated[int, Field(ge=1, le=100)] = 5
    api_streams: Annotated[int, Field(ge=1, le=10_000)] = 1_000
    # How long a new following waits for classify to have read the role (SAFETY R16; a second is the promise).
    api_follow_seconds: Annotated[float, Field(ge=0, le=10)] = 2.0
    # Figures of the other processes, `name=http://host:port/metrics` by comma, one for each worker: the console marks
    # when each was started. `up` and `demo` name their own; the trading worker's starts stand in the tables.
    api_watched_processes: Watched = ()
    # The exchange's public profile search, where names of traders are looked up; without it only addresses are taken.
    profiles_url: Annotated[str, Field(pattern=r"^https?://[^/?#@]+(/[^?#]*)?$")] | None = None
    # A person waits for it; the search answers in a tenth of a second.
    profiles_seconds: Annotated[float, Field(gt=0, le=10)] = 3.0
    # Looking at a wallet has it watched: so many new ones a day for each user, so that nobody has us watch them all.
    looks_a_day: Annotated[int, Field(ge=0, le=1_000)] = 20
    # SAFETY R34: a wallet is suggested once it was seen for so long, with so many ended markets. `demo` and `up` begin
    # with an empty history and set both to 0.
    leader_seen_days: Annotated[int, Field(ge=0, le=365)] = 30
    leader_ended_markets: Annotated[int, Field(ge=0, le=10_000)] = 20
    # UX §5: 10/s looking; a screen of the bot asks up to five things at once, a web page some twenty.
    api_looks_per_second: Annotated[float, Field(gt=0)] = 10.0
    api_looks_at_once: Annotated[int, Field(ge=1)] = 40
    # UX §5: 1/s changing; ten taps in a row go through, as somebody does who sets up a following.
    api_changes_per_second: Annotated[float, Field(gt=0)] = 1.0
    api_changes_at_once: Annotated[int, Field(ge=1)] = 10
    # SAFETY R27: each following is a decision for every trade of its leader; more than these no person looks after.
    api_followings_max: Annotated[int, Field(ge=1, le=1_000)] = 20
    api_new_leaders_a_day: Annotated[int, Field(ge=1, le=1_000)] = 5
    # UX §5: each question about the past is seconds of a core.
    api_what_ifs_an_hour: Annotated[int, Field(ge=1, le=1_000)] = 5
    # A rehearsal is one decision; a person has one for each try of their settings.
    api_rehearsals_an_hour: Annotated[int, Field(ge=1, le=10_000)] = 60
