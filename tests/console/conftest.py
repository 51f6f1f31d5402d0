"""A real browser, where the system has one; where not, its tests are skipped and say so."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright

from ops.stack import leash
from tests.api.conftest import ask, face
from tests.places import place_of_this_run

__all__ = ["ask", "browser", "face"]
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# A busy machine needs its time; a page that never comes ends the test with its name.
START_SECONDS = 60
FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-default-apps", "--disable-sync",
    "--disable-dev-shm-usage", "--mute-audio", "--password-store=basic", "--use-mock-keychain",
)  # fmt: skip


def chromium() -> str | None:
    """The Chromium that is installed: the one named by CHROMIUM, else the first that is found."""
    named = os.environ.get("CHROMIUM")
    return named or next((found for name in _NAMES if (found := shutil.which(name))), None)


@pytest.fixture(scope="session")
def debugged() -> Iterator[str]:
    """One Chromium without a window for all tests of this run, at the address of its own protocol."""
    path = chromium()
    if path is None:
        pytest.skip("no Chromium is installed (README, For developers)")
    with place_of_this_run() as place:
        # Tied to this process: killed or not, it leaves none behind.
        leashed = [
            sys.executable,
            "-I",
            "-S",
            leash.__file__,
            str(os.getpid()),
            str(int(signal.SIGKILL)),
            "-1",
            "-1",
        ]
        running = subprocess.Popen(
            [*leashed, path, *FLAGS, f"--user-data-dir={place}", "about:blank"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        try:
            yield f"http://127.0.0.1:{_port(place, running)}"
        finally:
            os.killpg(running.pid, signal.SIGKILL)
            running.wait()


def _port(place: Path, running: subprocess.Popen[bytes]) -> int:
    written = place / "DevToolsActivePort"
    until = time.monotonic() + START_SECONDS
    while not (written.exists() and (said := written.read_text().split())):
        assert running.poll() is None, "Chromium ended by itself"
        assert time.monotonic() < until, "Chromium did not open its port"
        time.sleep(0.02)
    return int(said[0])


@pytest.fixture
async def browser(debugged: str) -> AsyncIterator[Browser]:
    """The run's Chromium, taken by the hand of this test; what it opens there is its own and ends with it."""
    async with async_playwright() as playwright:
        taken = await playwright.chromium.connect_over_cdp(debugged, timeout=1000 * START_SECONDS)
        yield taken
        await taken.close()
