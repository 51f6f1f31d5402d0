"""A real broker that lets nobody in who does not sign in: by SCRAM, by a plain password, over TLS, by certificate."""

from __future__ import annotations

import datetime
import ipaddress
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ops.stack.children import Children
from ops.stack.kafka import Broker, BrokerPorts
from ops.stack.ports import LOOPBACK, free_port

USER: Final = "polycool-streams"
# Searched for in everything that is printed and logged.
PASSWORD: Final = "canary-Zq3v8Lx1Tn5Wb7Rk"
_LISTENERS: Final = """\
listeners=PLAINTEXT://{host}:{plain},SIGNED://{host}:{signed},SECURE://{host}:{secure},CERTS://{host}:{certs},CONTROLLER://{host}:{controller}
advertised.listeners=PLAINTEXT://{host}:{plain},SIGNED://{host}:{signed},SECURE://{host}:{secure},CERTS://{host}:{certs},CONTROLLER://{host}:{controller}
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SIGNED:SASL_PLAINTEXT,SECURE:SASL_SSL,CERTS:SSL
listener.name.signed.sasl.enabled.mechanisms=SCRAM-SHA-512,PLAIN
listener.name.signed.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.signed.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule \\
  required user_{user}="{password}";
listener.name.secure.sasl.enabled.mechanisms=SCRAM-SHA-512
listener.name.secure.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.certs.ssl.client.auth=required
# What the doctor must find.
auto.create.topics.enable=true
ssl.keystore.type=PEM
ssl.keystore.location={directory}/broker.pem
ssl.truststore.type=PEM
ssl.truststore.location={directory}/authority.pem
"""


class ClosedBroker(Broker):
    """The local stack's broker with three listeners more; the plain one is the test's own."""

    # Beside a whole suite a second broker may be slow to come.
    start_seconds = 240.0

    def __init__(self, directory: Path) -> None:
        super().__init__(directory, BrokerPorts(free_port(), free_port()), Children(directory))
        self.signed, self.secure, self.certs = free_port(), free_port(), free_port()
        directory.mkdir(parents=True, exist_ok=True)
        _certificates(directory)

    def settings(self) -> str:
        """What the stack's broker is told, and the listeners; a later line of the same name counts."""
        return super().settings() + _LISTENERS.format(
            host=LOOPBACK,
            plain=self.ports.clients,
            controller=self.ports.controller,
            signed=self.signed,
            secure=self.secure,
            certs=self.certs,
            user=USER,
            password=PASSWORD,
            directory=self.directory,
        )

    def format_options(self) -> list[str]:
        """With the one user that SCRAM knows."""
        return [
            *super().format_options(),
            "--add-scram",
            f"SCRAM-SHA-512=[name={USER},password={PASSWORD}]",
        ]

    def by_scram(self) -> dict[str, str]:
        """The settings of a client that signs in by SCRAM over an open line."""
        return {
            "POLYCOOL_KAFKA": f"{LOOPBACK}:{self.signed}",
            "POLYCOOL_KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT",
            "POLYCOOL_KAFKA_USERNAME": USER,
            "POLYCOOL_KAFKA_PASSWORD": PASSWORD,
        }

    def by_password(self) -> dict[str, str]:
        """By the password itself."""
        return {**self.by_scram(), "POLYCOOL_KAFKA_SASL_MECHANISM": "PLAIN"}

    def over_tls(self) -> dict[str, str]:
        """By SCRAM inside TLS: what a deployment uses."""
        return {
            **self.by_scram(),
            "POLYCOOL_KAFKA": f"{LOOPBACK}:{self.secure}",
            "POLYCOOL_KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
            "POLYCOOL_KAFKA_CA_FILE": str(self.directory / "authority.pem"),
        }

    def by_certificate(self) -> dict[str, str]:
        """By the client's own certificate."""
        return {
            "POLYCOOL_KAFKA": f"{LOOPBACK}:{self.certs}",
            "POLYCOOL_KAFKA_SECURITY_PROTOCOL": "SSL",
            "POLYCOOL_KAFKA_CA_FILE": str(self.directory / "authority.pem"),
            "POLYCOOL_KAFKA_CLIENT_CERT_FILE": str(self.directory / "client.crt"),
            "POLYCOOL_KAFKA_CLIENT_KEY_FILE": str(self.directory / "client.key"),
            "POLYCOOL_KAFKA_CLIENT_KEY_PASSWORD": PASSWORD,
        }


@contextmanager
def closed_broker(directory: Path) -> Iterator[ClosedBroker]:
    """One that answers, ended with the block."""
    broker = ClosedBroker(directory)
    broker.start()
    try:
        broker.wait()
        yield broker
    finally:
        broker.stop(kill=True)


def _certificates(directory: Path) -> None:
    authority = ec.generate_private_key(ec.SECP256R1())
    signed_by = _certificate("authority", authority, "authority", authority, authority=True)
    (directory / "authority.pem").write_bytes(_pem(signed_by))
    stranger = ec.generate_private_key(ec.SECP256R1())
    (directory / "stranger.pem").write_bytes(
        _pem(_certificate("stranger", stranger, "stranger", stranger, authority=True))
    )
    broker = ec.generate_private_key(ec.SECP256R1())
    chain = _pem(_certificate("broker", broker, "authority", authority)) + _pem(signed_by)
    (directory / "broker.pem").write_bytes(_key(broker, serialization.NoEncryption()) + chain)
    client = ec.generate_private_key(ec.SECP256R1())
    (directory / "client.crt").write_bytes(_pem(_certificate(USER, client, "authority", authority)))
    closed = serialization.BestAvailableEncryption(PASSWORD.encode())
    (directory / "client.key").write_bytes(_key(client, closed))


def _certificate(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    signer: str,
    signs: ec.EllipticCurvePrivateKey,
    *,
    authority: bool = False,
) -> x509.Certificate:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, signer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(LOOPBACK))]), critical=False
        )
        .sign(signs, hashes.SHA256())
    )


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _key(key: ec.EllipticCurvePrivateKey, closed: serialization.KeySerializationEncryption) -> bytes:
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, closed)
