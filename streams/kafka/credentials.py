"""How Faust signs in at the broker: the settings of every other client, in its own classes."""

from __future__ import annotations

from aiokafka.helpers import create_ssl_context
from faust import SASLCredentials, SSLCredentials
from faust.types.auth import CredentialsT

from schemas.kafka_access import KafkaSettings


def credentials(access: KafkaSettings) -> CredentialsT | None:
    """What Faust is given; None for a plain listener."""
    told = access.options(create_ssl_context)
    if "sasl_mechanism" in told:
        return SASLCredentials(
            username=told["sasl_plain_username"],
            password=told["sasl_plain_password"],
            mechanism=told["sasl_mechanism"],
            ssl_context=told.get("ssl_context"),
        )
    return SSLCredentials(told["ssl_context"]) if "ssl_context" in told else None
