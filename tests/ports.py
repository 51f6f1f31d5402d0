"""Ports of this run's own: one that is free now may be another worker's before it is used."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from itertools import chain, cycle

import pytest

from ops.stack import ports
from ops.stack.ports import is_free

# Below those that commands under test choose by themselves.
FIRST, BEHIND_LAST = 12_000, ports.FIRST


@pytest.fixture(scope="session", autouse=True)
def _ports_of_our_own() -> Iterator[None]:
    """Every free port that this process asks for comes from its own range."""
    name, count = (
        os.environ.get("PYTEST_XDIST_WORKER", "gw0"),
        os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"),
    )
    given_out = own_ports(int(name.removeprefix("gw")), int(count))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("ops.stack.ports._given_out", given_out.__next__)
        yield


def own_ports(worker: int, workers: int) -> Iterator[int]:
    """The free ports of this worker's share in turn, so that none comes again soon; begun anywhere, for a second run on
    this machine has the same share."""
    each = (BEHIND_LAST - FIRST) // workers
    share = range(FIRST + worker * each, FIRST + (worker + 1) * each)
    start = random.SystemRandom().choice(share)
    return (
        port for port in cycle(chain(range(start, share.stop), range(share.start, start))) if is_free(port)
    )
