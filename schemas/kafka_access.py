"""How every Kafka client of ours signs in and is kept from being overheard: settings that all processes share."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any, Final, Self

from pydantic import SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class KafkaProtocol(StrEnum):
    """What the broker's listener speaks, in Kafka's own words."""

    PLAINTEXT = "PLAINTEXT"
    SSL = "SSL"
    SASL_PLAINTEXT = "SASL_PLAINTEXT"
    SASL_SSL = "SASL_SSL"


class SaslMechanism(StrEnum):
    """How a password is proven."""

    PLAIN = "PLAIN"
    SCRAM_SHA_256 = "SCRAM-SHA-256"
    SCRAM_SHA_512 = "SCRAM-SHA-512"


_TLS: Final = (KafkaProtocol.SSL, KafkaProtocol.SASL_SSL)
_SASL: Final = (KafkaProtocol.SASL_PLAINTEXT, KafkaProtocol.SASL_SSL)
# Given a CA's, a client's and its key's file and the key's password, what the client wraps its connections in.
MakeContext = Callable[..., object]


class KafkaFilesWrong(OSError):
    """A file of certificates or a key cannot be used; the text names the settings, never what is in the files."""


class KafkaSettings(BaseSettings):
    """POLYCOOL_KAFKA_…; what would silently not count is refused at the start."""

    model_config = SettingsConfigDict(
        env_prefix="POLYCOOL_", frozen=True, extra="ignore", hide_input_in_errors=True
    )

    # What the broker's listener speaks: PLAINTEXT (a private network only), SSL, SASL_PLAINTEXT or SASL_SSL.
    kafka_security_protocol: KafkaProtocol = KafkaProtocol.PLAINTEXT
    # SCRAM-SHA-512, SCRAM-SHA-256 or PLAIN. With SCRAM the password itself never travels, so it is the default; PLAIN
    # belongs inside TLS only.
    kafka_sasl_mechanism: SaslMechanism = SaslMechanism.SCRAM_SHA_512
    # The principal of this process (docs/deployment.md names one for each); both are required with SASL_….
    kafka_username: str | None = None
    kafka_password: SecretStr | None = None
    # PEM of the authorities that the broker's certificate is signed by; without it those this machine trusts.
    kafka_ca_file: str | None = None
    # PEM of this client's own certificate and key, where the broker tells clients apart by them.
    kafka_client_cert_file: str | None = None
    kafka_client_key_file: str | None = None
    # Opens the key's file, where it is closed with one.
    kafka_client_key_password: SecretStr | None = None

    @field_validator(
        "kafka_username",
        "kafka_password",
        "kafka_ca_file",
        "kafka_client_cert_file",
        "kafka_client_key_file",
        "kafka_client_key_password",
        mode="before",
    )
    @classmethod
    def _empty_is_none(cls, value: object) -> object:
        return value or None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        """Half a sign-in, or one that the protocol would not use, is a mistake and not a wish."""
        protocol = self.kafka_security_protocol
        named = bool(self.kafka_username), bool(self.kafka_password)
        if protocol in _SASL and not all(named):
            raise ValueError(f"{protocol} needs POLYCOOL_KAFKA_USERNAME and POLYCOOL_KAFKA_PASSWORD")
        if protocol not in _SASL and any(named):
            raise ValueError(f"a username or password is set, but {protocol} signs nobody in: set SASL_SSL")
        files = self.kafka_ca_file, self.kafka_client_cert_file, self.kafka_client_key_file
        if protocol not in _TLS and any(files):
            raise ValueError(f"files of certificates are set, but {protocol} uses none: set SSL or SASL_SSL")
        if bool(self.kafka_client_cert_file) is not bool(self.kafka_client_key_file):
            raise ValueError("POLYCOOL_KAFKA_CLIENT_CERT_FILE and …_CLIENT_KEY_FILE need each other")
        return self

    def options(self, make_context: MakeContext) -> dict[str, Any]:
        """What aiokafka's clients are told. Raises KafkaFilesWrong for files that cannot be used."""
        protocol = self.kafka_security_protocol
        told: dict[str, Any] = {"security_protocol": protocol.value}
        if protocol in _TLS:
            told["ssl_context"] = self._context(make_context)
        if protocol in _SASL:
            assert self.kafka_password is not None, "the protocol was checked at the start"
            told |= {
                "sasl_mechanism": self.kafka_sasl_mechanism.value,
                "sasl_plain_username": self.kafka_username,
                "sasl_plain_password": self.kafka_password.get_secret_value(),
            }
        return told

    def _context(self, make_context: MakeContext) -> object:
        password = self.kafka_client_key_password
        try:
            return make_context(
                cafile=self.kafka_ca_file,
                certfile=self.kafka_client_cert_file,
                keyfile=self.kafka_client_key_file,
                # Without one a closed key would be asked for on the terminal.
                password="" if password is None else password.get_secret_value(),
            )
        except OSError as error:
            files = [self.kafka_ca_file, self.kafka_client_cert_file, self.kafka_client_key_file]
            raise KafkaFilesWrong(
                f"the files of POLYCOOL_KAFKA_CA_FILE, …_CLIENT_CERT_FILE, …_CLIENT_KEY_FILE "
                f"({', '.join(filter(None, files)) or 'none set'}) cannot be used: {error}"
            ) from error
