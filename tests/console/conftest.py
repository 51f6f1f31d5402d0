"""A real browser, where the system has one; where not, its tests are skipped and say so."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, async_playwright

from tests.api.conftest import ask, deciding, face, world

__all__ = ["ask", "browser", "deciding", "face", "world"]
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# A busy machine needs its time; a page that never comes ends the test with its name.
START_MS = 60_000


def chromium() -> str | None:
    """The Chromium that is installed: the one named by CHROMIUM, else the first that is found."""
    named = os.environ.get("CHROMIUM")
    return named or next((found for name in _NAMES if (found := shutil.which(name))), None)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Chromium without a window, ended with the test."""
    path = chromium()
    if path is None:
        pytest.skip("no Chromium is installed (README, For developers)")
    async with async_playwright() as playwright:
        # Tests may run as root, for whom Chromium has no sandbox; it opens our own page alone.
        running = await playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu"], timeout=START_MS
        )
        yield running
        await running.close()
