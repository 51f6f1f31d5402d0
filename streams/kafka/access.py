"""Where the broker is and how we sign in there, for every client beside Faust (whose own way is `credentials`).

Read where a client is made, so that a certificate renewed on disk counts with the next one.
"""

from __future__ import annotations

from typing import Any

from aiokafka.helpers import create_ssl_context

from schemas.kafka_access import KafkaSettings


def reach(kafka: str, access: KafkaSettings | None = None) -> dict[str, Any]:
    """What each aiokafka client is given: the address, and the sign-in of POLYCOOL_KAFKA_… unless another is named.

    Raises KafkaFilesWrong when certificates cannot be read.
    """
    return {"bootstrap_servers": kafka, **(access or KafkaSettings()).options(create_ssl_context)}
