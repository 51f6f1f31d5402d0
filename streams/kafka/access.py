"""Where the broker is and how we sign in there: the same for Faust and for every client beside it.

Read where a client is made, so that a certificate renewed on disk counts with the next one.
"""

from __future__ import annotations

from typing import Any

from aiokafka.helpers import create_ssl_context
from faust import SASLCredentials, SSLCredentials
from faust.types.auth import CredentialsT

from schemas.kafka_access import KafkaSettings


def reach(kafka: str, access: KafkaSettings | None = None) -> dict[str, Any]:
    """What each aiokafka client is given: the address, and the sign-in of POLYCOOL_KAFKA_… unless another is named.

    Raises KafkaFilesWrong when certificates cannot be read.
    """
    return {"bootstrap_servers": kafka, **(access or KafkaSettings()).options(create_ssl_context)}


def credentials(access: KafkaSettings) -> CredentialsT | None:
    """The same for Faust; none for a plain listener."""
    told = access.options(create_ssl_context)
    if "sasl_mechanism" in told:
        return SASLCredentials(
            username=told["sasl_plain_username"],
            password=told["sasl_plain_password"],
            mechanism=told["sasl_mechanism"],
            ssl_context=told.get("ssl_context"),
        )
    return SSLCredentials(told["ssl_context"]) if "ssl_context" in told else None
