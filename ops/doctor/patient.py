"""What is examined: the settings that processes here run with, and this machine as seen by the checks."""

from __future__ import annotations

import importlib.metadata
import os
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil

from ops.failures import Missing
from ops.ground import Ground, ground
from ops.secret_settings import secrets_here
from ops.stack.kafka import java_command
from ops.stack.neighbours import DEMO, demo_directory, surroundings
from ops.stack.postgres import packaged_binaries
from ops.stack.running import given_directory, running_environment

# A part that takes longer to answer is as good as away; a check may ask a few times.
ANSWER_SECONDS = 3.0


@dataclass(frozen=True)
class Machine:
    """This machine, each part of it a question; tests give other answers."""

    now: Callable[[], float] = time.time
    python: tuple[int, int, int] = (sys.version_info[0], sys.version_info[1], sys.version_info[2])
    version_of: Callable[[str], str] = importlib.metadata.version
    java: Callable[[], list[str]] = java_command
    postgres_programs: Callable[[], Path] = packaged_binaries
    free_memory_mb: Callable[[], int] = lambda: psutil.virtual_memory().available // 2**20
    free_disk_mb: Callable[[Path], int] = lambda place: psutil.disk_usage(str(place)).free // 2**20


@dataclass(frozen=True)
class Patient:
    """Settings by name (those of a stack that runs here are among them), and where the stack lies."""

    environment: Mapping[str, str]
    directory: Path
    runs_here: bool
    http: httpx.AsyncClient
    machine: Machine = field(default_factory=Machine)

    def ground(self) -> Ground | None:
        """Broker and database; None where none is named and none runs here."""
        try:
            return ground(self.environment)
        except Missing:
            return None

    def place(self) -> Ground:
        """Broker and database, for checks that need them."""
        found = self.ground()
        assert found is not None, "checked before"
        return found

    def setting(self, name: str, default: str = "") -> str:
        """The setting as text, or its default where it is not set."""
        return self.environment.get(name) or default


def patient(http: httpx.AsyncClient, given: Mapping[str, str] = os.environ) -> Patient:
    """The processes of this machine as their settings say; beside a running `up` or `demo`, of that one."""
    directory = given_directory(given)
    found = surroundings(given)
    if found.get("POLYCOOL_STACK_DIR") == str(demo_directory(directory)):
        directory = directory / DEMO
    runs = running_environment(directory) is not None
    return Patient(secrets_here(given) if runs else found, directory, runs, http)
