"""A KMS that speaks the real protocol, on this machine."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from moto.server import ThreadedMotoServer

from tests.keys.double import Kms


@pytest.fixture(scope="session")
def kms() -> Iterator[Kms]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield Kms(f"http://{host}:{port}")
    finally:
        server.stop()
