"""The door of the stack's tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.places import place_of_this_run


@pytest.fixture
def place() -> Iterator[Path]:
    """A directory of its own for a whole stack."""
    with place_of_this_run() as directory:
        yield directory
