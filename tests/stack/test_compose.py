"""docker-compose.kafka.yml starts the same parts as the local stack, and is a file that compose can read."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from ops.stack.jars import KAFKA_VERSION
from ops.stack.kafka import PROPERTIES
from ops.stack.postgres import MAX_CONNECTIONS, POSTGRES_VERSION

FILE = Path(__file__).parents[2] / "docker-compose.kafka.yml"


@pytest.fixture
def services() -> dict[str, Any]:
    """The services of the file."""
    services: dict[str, Any] = yaml.safe_load(FILE.read_text())["services"]
    return services


def compose_command() -> list[str] | None:
    """docker-compose, else docker compose, else None."""
    if shutil.which("docker-compose"):
        return ["docker-compose"]
    docker = ["docker", "compose"]
    if (
        shutil.which("docker")
        and subprocess.run([*docker, "version"], capture_output=True, check=False).returncode == 0
    ):
        return docker
    return None


def test_compose_reads_the_file() -> None:
    """`config` finds no fault; it needs no engine."""
    command = compose_command()
    if command is None:
        pytest.skip("neither docker-compose nor docker compose is here")
    done = subprocess.run([*command, "-f", str(FILE), "config"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_versions_are_those_of_the_local_stack(services: dict[str, Any]) -> None:
    """The same Kafka and Postgres, reachable from this machine only."""
    assert services["kafka"]["image"] == f"apache/kafka:{KAFKA_VERSION}"
    assert services["postgres"]["image"] == f"postgres:{POSTGRES_VERSION}"
    assert f"max_connections={MAX_CONNECTIONS}" in services["postgres"]["command"]
    ports = [port for service in services.values() for port in service["ports"]]
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_the_broker_is_set_up_like_the_local_one(services: dict[str, Any]) -> None:
    """Every count and switch of the local broker's properties stands in the compose file with the same value."""
    there = {
        name.removeprefix("KAFKA_"): str(value) for name, value in services["kafka"]["environment"].items()
    }
    places = ("listeners", "bootstrap.servers", "log.dirs", "node.id", "segment.delete.delay")
    lines = [
        line.partition("=") for line in PROPERTIES.splitlines() if "=" in line and not line.startswith("#")
    ]
    same = {name: value for name, _, value in lines if not any(place in name for place in places)}
    assert len(same) > 8
    assert {name: there.get(name.upper().replace(".", "_")) for name in same} == same
