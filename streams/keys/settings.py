"""Which keys wrap the wallets' keys, read once from POLYCOOL_*."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Final
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from streams.keys.providers import KMS, LOCAL, KeyProvider, KeyRing, LocalKeyProvider

if TYPE_CHECKING:
    from streams.keys.kms import FindCredentials, KmsKeyProvider

EXAMPLES: Final = ("example", "changeme", "change-me", "secret", "password")
# An alias may be pointed at another key, and then nothing opens: a key is named by its id or its ARN.
_KMS_KEY: Final = re.compile(r"(arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key/)?(mrk-[0-9a-f]{32}|[0-9a-f-]{36})")
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


class Provider(StrEnum):
    """Who wraps new data keys."""

    LOCAL = LOCAL
    KMS = KMS


def _split(value: object) -> object:
    return (
        tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value
    )


class KeySettings(BaseSettings):
    """Providers of key-encryption keys: the one that wraps now, and former ones that can still open."""

    model_config = SettingsConfigDict(
        env_prefix="POLYCOOL_", extra="ignore", frozen=True, hide_input_in_errors=True
    )

    # Who wraps new data keys: `local` (the key below) or `aws-kms`.
    key_provider: Provider = Provider.LOCAL
    # Wraps the data key of each wallet: base64 of 32 random bytes. Required with `local`; beside a KMS it still opens.
    key_encryption_key: SecretStr | None = Field(default=None, validate_default=True)
    # Keys that wrapped before, by comma: they open until `polycool keys rotate` has wrapped all anew.
    key_encryption_former_keys: Annotated[tuple[SecretStr, ...], NoDecode, BeforeValidator(_split)] = ()
    # The KMS' key by id or ARN (no alias: it may be pointed elsewhere). Required with `aws-kms`.
    kms_key: str | None = Field(default=None, validate_default=True)
    kms_former_keys: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)] = ()
    # Required with a KMS' key.
    kms_region: str = ""
    # Another address than the region's own, such as a private one.
    kms_endpoint: str | None = None
    # One request; an answer takes some 10 ms, four tries are made.
    kms_seconds: float = Field(default=2.0, gt=0, le=10)

    @field_validator("key_encryption_key", "key_encryption_former_keys")
    @classmethod
    def _opens_keys(cls, value: object, info: ValidationInfo) -> object:
        if info.field_name == "key_encryption_key" and not value:
            if info.data.get("key_provider", Provider.LOCAL) is Provider.LOCAL:
                raise ValueError("is missing: set base64 of 32 random bytes")
            return None
        for each in value if isinstance(value, tuple) else (value,):
            assert isinstance(each, SecretStr)
            text = each.get_secret_value()
            if text.lower().startswith(EXAMPLES):
                raise ValueError("is missing or an example; set a secret of your own")
            LocalKeyProvider(text)
        return value

    @field_validator("kms_key", "kms_former_keys")
    @classmethod
    def _names_a_key(cls, value: object, info: ValidationInfo) -> object:
        if info.field_name == "kms_key" and not value:
            if info.data.get("key_provider") is Provider.KMS:
                raise ValueError("is missing: set the id or ARN of the key")
            return None
        for each in value if isinstance(value, tuple) else (value,):
            if not _KMS_KEY.fullmatch(str(each)):
                raise ValueError("must be the id or ARN of a key, no alias")
        return value

    @field_validator("kms_region")
    @classmethod
    def _region_with_key(cls, value: str, info: ValidationInfo) -> str:
        if (info.data.get("kms_key") or info.data.get("kms_former_keys")) and not value:
            raise ValueError("is missing: set the region of the KMS' key")
        return value

    @field_validator("kms_endpoint")
    @classmethod
    def _is_private(cls, value: str | None) -> str | None:
        """Data keys travel inside: in clear only within this machine."""
        parts = urlsplit(value or "")
        if value and parts.scheme != "https" and parts.hostname not in _LOOPBACK:
            raise ValueError("must begin with https://")
        return value or None

    def ring(self, find: FindCredentials | None = None) -> KeyRing:
        """All providers that are set up. ``find`` is the machine's own credentials unless given."""
        local = [self.key_encryption_key] if self.key_encryption_key else []
        locals_ = [
            LocalKeyProvider(each.get_secret_value()) for each in (*local, *self.key_encryption_former_keys)
        ]
        remote = self._kms(find)
        ordered: list[KeyProvider] = (
            [*remote, *locals_] if self.key_provider is Provider.KMS else [*locals_, *remote]
        )
        return KeyRing(ordered[0], ordered[1:])

    def _kms(self, find: FindCredentials | None) -> list[KmsKeyProvider]:
        names = [*([self.kms_key] if self.kms_key else []), *self.kms_former_keys]
        if not names:
            return []
        # Imported here: who has no KMS need not load what speaks to one.
        from streams.keys.kms import KmsKeyProvider, machine_credentials

        find = find or machine_credentials()
        return [
            KmsKeyProvider(
                name, region=self.kms_region, endpoint=self.kms_endpoint, find=find, seconds=self.kms_seconds
            )
            for name in names
        ]
