"""Where the broker is and how the API signs in there."""

from __future__ import annotations

from typing import Any

from aiokafka.helpers import create_ssl_context

from schemas.kafka_access import KafkaSettings


def reach(kafka: str) -> dict[str, Any]:
    """What each aiokafka client is given: the address, and the sign-in of POLYCOOL_KAFKA_…, read where a client is
    made, so that a renewed certificate counts. Raises KafkaFilesWrong when certificates cannot be read."""
    return {"bootstrap_servers": kafka, **KafkaSettings().options(create_ssl_context)}
