"""Which tests a worker of a run on several processes gets together, and which begin first.

The tests of a file stay together, so that what they share is made once; all that look at the one short campaign, too.
xdist's own groups do the same by a mark, but write it where pytest 9.2 no longer reads it.
"""

from __future__ import annotations

import gc
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from xdist.scheduler import LoadScopeScheduling

if TYPE_CHECKING:
    from xdist.remote import Producer

CAMPAIGN = "campaign"
# Alone on two cores it takes two minutes; beside two other workers that begin with their long ones, longer.
CAMPAIGN_SECONDS = 480
ROOT = Path(__file__).parent.parent
# What takes minutes begins first, so that no worker is left with it at the end.
FIRST = (CAMPAIGN, "campaigns", "simulation", "demo", "stack", "trading", "replay", "api", "bot", "streams")


class FilesTogether(LoadScopeScheduling):  # type: ignore[misc]
    """A file, or the campaign with all that look at it, is one piece of work."""

    def _split_scope(self, nodeid: str) -> str:
        return piece_of(nodeid.partition("::")[0])


@cache
def piece_of(file: str) -> str:
    """The piece of work a file (as node ids name it) belongs to."""
    return CAMPAIGN if "campaign_run" in (ROOT / file).read_text() else file


def _place(item: pytest.Item) -> int:
    piece = piece_of(item.nodeid.partition("::")[0])
    folder = CAMPAIGN if piece == CAMPAIGN else piece.split("/")[1]
    return FIRST.index(folder) if folder in FIRST else len(FIRST)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long ones first; the same order in every worker. Whichever test needs the campaign first waits for it."""
    items.sort(key=_place)
    for item in items:
        if "campaign_run" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.timeout(CAMPAIGN_SECONDS))


def pytest_collection_finish() -> None:
    """What was collected stays to the end: it is walked by no collection of garbage."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Any:
    """Our way of sharing the work out."""
    return FilesTogether(config, log)
