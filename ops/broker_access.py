"""The broker as operators' commands reach it, and why it refused: aiokafka's clients say only that none answers."""

from __future__ import annotations

import asyncio
import os
import ssl
from typing import Any, Final

from aiokafka.conn import AIOKafkaConnection, collect_hosts
from aiokafka.errors import (
    KafkaConnectionError,
    KafkaError,
    SaslAuthenticationFailed,
    UnsupportedSaslMechanismError,
)
from aiokafka.protocol.metadata import MetadataRequest

from ops.stack.neighbours import surroundings
from schemas.kafka_access import KafkaSettings
from streams.kafka.access import reach as reach_as

# A broker that is there refuses in milliseconds.
ANSWER_SECONDS: Final = 3.0


class BrokerRefuses(KafkaConnectionError):  # type: ignore[misc]
    """A broker is there and does not let us in; the text is the sentence, with the setting to mend."""


def access() -> KafkaSettings:
    """The sign-in of POLYCOOL_KAFKA_…: the caller's settings, completed by those of a stack that runs here."""
    found = surroundings(os.environ)
    names = ((name, f"POLYCOOL_{name.upper()}") for name in KafkaSettings.model_fields)
    return KafkaSettings.model_validate(
        {name: found[spelled] for name, spelled in names if found.get(spelled)}
    )


def reach(kafka: str) -> dict[str, Any]:
    """What each aiokafka client is given. Raises KafkaFilesWrong when certificates cannot be read."""
    return reach_as(kafka, access())


async def refusal(kafka: str) -> str | None:
    """Why a broker at the address lets us not in; None where none listens, or where one answers."""
    signing, told = access(), reach(kafka)
    del told["bootstrap_servers"]
    for host, port, _ in collect_hosts(kafka):
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                _, writer = await asyncio.open_connection(host, port)
                writer.close()
        except (OSError, TimeoutError):
            continue
        return await _tried(AIOKafkaConnection(host, port, **told), signing, f"{host}:{port}")
    return None


async def _tried(connection: AIOKafkaConnection, signing: KafkaSettings, place: str) -> str | None:
    protocol = signing.kafka_security_protocol
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            await connection.connect()
            await connection.send(MetadataRequest([]))
    except SaslAuthenticationFailed:
        return (
            f"the broker at {place} refuses POLYCOOL_KAFKA_USERNAME {signing.kafka_username} with this "
            f"POLYCOOL_KAFKA_PASSWORD ({signing.kafka_sasl_mechanism})."
        )
    except UnsupportedSaslMechanismError:
        return f"the broker at {place} takes no {signing.kafka_sasl_mechanism}: set POLYCOOL_KAFKA_SASL_MECHANISM."
    except ssl.SSLCertVerificationError as error:
        return (
            f"the certificate of the broker at {place} is not trusted ({error.verify_message}): set "
            "POLYCOOL_KAFKA_CA_FILE, and the name that the certificate is made out to."
        )
    except (KafkaError, OSError, TimeoutError):
        return (
            f"the broker at {place} breaks off what is said to it as {protocol}: it speaks another "
            "POLYCOOL_KAFKA_SECURITY_PROTOCOL, or wants POLYCOOL_KAFKA_CLIENT_CERT_FILE."
        )
    finally:
        connection.close()
    return None
