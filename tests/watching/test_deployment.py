"""What is deployed: a unit and a compose service for each process, an image that is locked, unprivileged, read-only."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from tests.watching.test_alerts import ALERTS, ROOT

UNITS: Final = ROOT / "ops/deployment/systemd"
PROCESSES: Final = frozenset({"streams", "trading", "api", "bot", "paper"})
# The doors each process listens on for Prometheus, as the units set them.
PORTS: Final = {"streams": 8101, "trading": 8201, "bot": 8301, "api": 8000, "paper": 8010}


def unit(file: Path) -> configparser.RawConfigParser:
    """A unit's sections; of a key that stands twice the last."""
    read = configparser.RawConfigParser(strict=False)
    read.optionxform = str  # type: ignore[assignment,method-assign]
    read.read(file)
    return read


def compose() -> dict[str, Any]:
    """The services of the compose file."""
    services = yaml.safe_load((ROOT / "docker-compose.processes.yml").read_text())["services"]
    assert isinstance(services, dict)
    return services


def stages() -> list[list[str]]:
    """The image's stages as lines, comments and continuations removed."""
    text = re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    return [part.splitlines() for part in re.split(r"(?m)^FROM ", text)[1:]]


def test_every_process_has_a_unit_that_is_unprivileged_and_comes_back() -> None:
    """As a user of its own, read-only but for what it says, restarted for ever, its secrets from its own file."""
    commands = {}
    for file in sorted(UNITS.glob("*.service")):
        service = unit(file)["Service"]
        name = service["ExecStart"].split()[1]
        commands[name] = file.name
        for key, value in (
            ("User", "polycool"), ("ProtectSystem", "strict"), ("NoNewPrivileges", "yes"), ("LimitCORE", "0"),
            ("CapabilityBoundingSet", ""),
        ):  # fmt: skip
            assert service[key] == value, (file.name, key)
        if name in PROCESSES:
            assert service["Restart"] == "always", file.name
            assert service["EnvironmentFile"] == f"/etc/polycool/{name}.env"
            assert unit(file)["Unit"]["StartLimitIntervalSec"] == "0"
    assert set(commands) == PROCESSES | {"audit"}


def test_systemd_finds_nothing_wrong_with_the_units(tmp_path: Path) -> None:
    """`systemd-analyze verify`, with a program that exists in place of ours."""
    tool = shutil.which("systemd-analyze")
    if tool is None:
        pytest.skip("systemd-analyze is not here: the units were only parsed")
    for file in UNITS.iterdir():
        text = file.read_text().replace("/opt/polycool/.venv/bin/polycool", "/bin/true")
        (tmp_path / file.name.replace("@", "@01")).write_text(text)
    files = [str(file) for file in sorted(tmp_path.iterdir())]
    ran = subprocess.run(
        [tool, "verify", "--man=no", *files], capture_output=True, text=True, timeout=60, check=False
    )
    ours = [line for line in ran.stderr.splitlines() if "polycool" in line]
    assert ran.returncode == 0, ran.stderr
    assert ours == []


def test_every_process_has_a_compose_service_that_is_locked_down() -> None:
    """Read-only, no capabilities, not root; each with a profile of its name and a file of secrets of its own."""
    services = compose()
    assert set(services) == PROCESSES
    for name, service in services.items():
        assert service["command"] == [name]
        assert service["profiles"] == [name, "all"]
        assert service["env_file"] == ["common.env", f"{name}.env"]
        assert service["read_only"] is True
        assert service["user"] == "10001:10001"
        assert service["cap_drop"] == ["ALL"]
        assert "no-new-privileges:true" in service["security_opt"]


def test_prometheus_reads_the_ports_that_units_and_compose_set() -> None:
    """A target nobody listens on is an alert for nothing."""
    jobs = yaml.safe_load((ALERTS / "prometheus.yml").read_text())["scrape_configs"]
    targets = {job["job_name"]: job["static_configs"][0]["targets"][0] for job in jobs}
    for name, port in PORTS.items():
        assert targets[f"polycool-{name}"] == f"127.0.0.1:{port}"
    for name in ("streams", "trading", "bot"):
        assert compose()[name]["environment"] == {f"POLYCOOL_{name.upper()}_HTTP_PORT": str(PORTS[name])}
    assert unit(UNITS / "polycool-streams@.service")["Service"]["Environment"].endswith("=81%i")
    assert unit(UNITS / "polycool-trading.service")["Service"]["Environment"].endswith("=8201")
    assert unit(UNITS / "polycool-bot.service")["Service"]["Environment"].endswith("=8301")


def test_the_image_holds_the_locked_packages_and_runs_as_nobody_special() -> None:
    """By the lock and its hashes; no root at the end, no secret, nothing of the tests, no tool to install with."""
    build, final = stages()
    syncs = [line for line in build if "uv sync" in line]
    assert syncs
    for line in syncs:
        assert "--frozen" in line
        assert "--no-dev" in line
    assert [line for line in final if line.startswith("USER ")] == ["USER 10001:10001"]
    assert not [line for line in (*build, *final) if line.startswith("ADD ")]
    assert not [line for line in (*build, *final) if re.search(r"(?i)(secret|token|password|_key)\w*=", line)]
    assert not [line for line in final if "pip" in line]
    copied = {line.split()[1] for line in build if line.startswith("COPY ")}
    assert copied >= {"schemas", "streams", "api", "bot", "ops"}
    assert "tests" not in copied


def test_every_locked_package_has_a_hash() -> None:
    """What is installed is what was looked at."""
    packages = re.split(r"(?m)^\[\[package\]\]\n", (ROOT / "uv.lock").read_text())[1:]
    for package in packages:
        if 'source = { editable = "." }' not in package:
            assert package.count('hash = "sha256:') == package.count("{ url = "), package[:80]


def test_the_page_names_what_is_there() -> None:
    """Files, units, targets of make and settings that the deployment page speaks of exist."""
    page = (ROOT / "docs/deployment.md").read_text()
    for file in re.findall(r"\]\(([^)#]+)\)", page):
        assert (ROOT / "docs" / file).resolve().exists(), file
    targets = set(re.findall(r"(?m)^([a-z]+):", (ROOT / "Makefile").read_text()))
    assert set(re.findall(r"`make ([a-z]+)`", page)) <= targets
    example = (ROOT / ".env.example").read_text()
    for setting in set(re.findall(r"POLYCOOL_[A-Z_]+", page)):
        assert setting in example, setting
