"""Kafka's jars: fetched once by jgo, each one checked against the pinned list before every start.

`jars.sha256` holds a line per jar, `<sha256>  <group>:<artifact>:<version>`; `python -m ops.stack.jars` prints
the list anew for the versions named here.
"""

from __future__ import annotations

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from pathlib import Path

from jgo import resolve
from jgo.constants import MAVEN_CENTRAL_URL
from jgo.maven import Artifact, MavenContext

from ops.stack.errors import StackError

KAFKA_VERSION = "4.3.1"
# Resolved one by one: together, jgo lets log4j's own version table set kafka-clients back to 3.8.0.
# Kafka names no logging backend; without this one the broker logs nothing. Its version is that of log4j-core
# in Kafka's own closure.
ENDPOINTS = (
    f"org.apache.kafka:kafka_2.13:{KAFKA_VERSION}",
    "org.apache.logging.log4j:log4j-slf4j-impl:2.25.4",
)
FETCH_AT_ONCE = 8


def pinned() -> dict[str, str]:
    """The committed list: coordinate → sha256."""
    lines = files("ops.stack").joinpath("jars.sha256").read_text().splitlines()
    return {coordinate: digest for digest, coordinate in (line.split() for line in lines if line)}


def cache_directory() -> Path:
    """POLYCOOL_JARS_DIR, or `polycool/jars` in the user's cache: shared by all checkouts."""
    wanted = os.environ.get("POLYCOOL_JARS_DIR")
    if wanted:
        return Path(wanted).expanduser().resolve()
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "polycool" / "jars"


def kafka_jars(cache: Path | None = None) -> list[Path]:
    """The verified jars of the broker, fetched where absent. Raises StackError when one cannot be had or trusted."""
    place = cache or cache_directory()
    try:
        place.mkdir(parents=True, exist_ok=True)
        context = MavenContext(repo_cache=place, remote_repos={"central": MAVEN_CENTRAL_URL})
        with ThreadPoolExecutor(FETCH_AT_ONCE) as pool:
            return list(pool.map(lambda item: _verified(context, place, *item), pinned().items()))
    except OSError as error:
        raise StackError(
            f"Kafka's jars could not be fetched into {place} ({error}): check the network and the disk, "
            "or set POLYCOOL_KAFKA to a broker that runs already."
        ) from error


def path_in(place: Path, coordinate: str) -> Path:
    """Where the cache keeps a jar (Maven's own layout)."""
    group, artifact, version = coordinate.split(":")
    return place.joinpath(*group.split("."), artifact, version, f"{artifact}-{version}.jar")


def _verified(context: MavenContext, place: Path, coordinate: str, digest: str) -> Path:
    path = path_in(place, coordinate)
    if path.exists() and sha256(path) == digest:
        return path
    path.unlink(missing_ok=True)
    group, artifact, version = coordinate.split(":")
    try:
        context.project(group, artifact).at_version(version).artifact().resolve()
    except RuntimeError as error:
        raise StackError(
            f"{path.name} of Kafka could not be fetched ({error}): check the network, "
            "or set POLYCOOL_KAFKA to a broker that runs already."
        ) from error
    if sha256(path) != digest:
        path.unlink()
        raise StackError(
            f"{path.name} is not the file that ops/stack/jars.sha256 names: it was thrown away, not used."
        )
    return path


def sha256(path: Path) -> str:
    """The file's digest in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def print_pins() -> None:
    """Resolve the endpoints anew and print the list to commit."""
    found: dict[str, Artifact] = {}
    for endpoint in ENDPOINTS:
        for artifact in resolve(endpoint):
            found.setdefault(f"{artifact.groupId}:{artifact.artifactId}:{artifact.version}", artifact)
    for coordinate in sorted(found):
        print(f"{sha256(found[coordinate].resolve())}  {coordinate}")  # noqa: T201 (this is its answer)


if __name__ == "__main__":
    print_pins()
