"""What the demo's tests share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.demo.ground import Demos, demos


@pytest.fixture
def place() -> Iterator[Demos]:
    """A stack directory of the test's own."""
    with demos() as found:
        yield found
