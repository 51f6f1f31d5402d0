"""Stacks that run on this machine: that of `polycool up`, and that of `polycool demo` in its own directory below."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from ops.stack.running import beside, given_directory, running_environment

DEMO: Final = "demo"


def demo_directory(directory: Path) -> Path:
    """Where a demo keeps its broker and database: never with those of `up`."""
    return directory / DEMO


def surroundings(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The caller's settings, completed by those of a running `up`, else of a running demo."""
    found = beside(environment)
    if found.get("POLYCOOL_KAFKA") or found.get("POLYCOOL_DATABASE_URL"):
        return found
    return (running_environment(demo_directory(given_directory(environment))) or {}) | found
