"""A KMS that speaks the real protocol, on this machine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.keys.double import Kms, running_kms


@pytest.fixture(scope="session")
def kms() -> Iterator[Kms]:
    with running_kms() as running:
        yield running
