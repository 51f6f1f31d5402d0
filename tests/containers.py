"""Broker and database as containers, for machines where a container engine answers."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ops.stack.jars import KAFKA_VERSION
from ops.stack.local import Stack
from ops.stack.postgres import MAX_CONNECTIONS, OWNER, POSTGRES_VERSION

ASK_SECONDS = 2.0


def engine_answers() -> bool:
    """True when `docker info` succeeds within two seconds."""
    docker = shutil.which("docker")
    if docker is None:
        return False
    try:
        return subprocess.run([docker, "info"], capture_output=True, timeout=ASK_SECONDS).returncode == 0
    except subprocess.TimeoutExpired:
        return False


@contextmanager
def containers(directory: Path) -> Iterator[Stack]:
    """The same versions as the packages, started by testcontainers and removed afterwards."""
    from testcontainers.kafka import KafkaContainer
    from testcontainers.postgres import PostgresContainer

    kafka = KafkaContainer(f"apache/kafka:{KAFKA_VERSION}").with_kraft()
    postgres = PostgresContainer(
        f"postgres:{POSTGRES_VERSION}", username=OWNER, password=OWNER, dbname=OWNER, driver=None
    ).with_command(f"postgres -c max_connections={MAX_CONNECTIONS}")
    with kafka, postgres:
        url = str(postgres.get_connection_url())
        yield Stack(str(kafka.get_bootstrap_server()), url, url, directory)
