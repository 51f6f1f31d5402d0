"""A real browser, where the system has one; where not, its tests are skipped and say so."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright, expect

from ops.stack.local import Stack
from streams.copy_execution.agent import CopyExecution
from tests.api.conftest import Ask, Face, api_settings, owner_asking, serving, stage_on, world

__all__ = ["world"]
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# A busy machine needs its time; a page that never comes ends the test with its name.
START_MS = 60_000
# What is expected of a page comes by the API and a browser that shares its cores with the processes under test.
expect.set_options(timeout=30_000)


def chromium() -> str | None:
    """The Chromium that is installed: the one named by CHROMIUM, else the first that is found."""
    named = os.environ.get("CHROMIUM")
    return named or next((found for name in _NAMES if (found := shutil.which(name))), None)


@asynccontextmanager
async def running_browser() -> AsyncIterator[Browser]:
    """Chromium without a window, ended with the block."""
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


# One browser for all tests of a file: its loop is theirs, and so is that of what they ask for.
_within = partial(pytest_asyncio.fixture, loop_scope="module")


@_within(scope="module")
async def browser() -> AsyncIterator[Browser]:
    """Chromium; each test has a context of its own in it."""
    async with running_browser() as running:
        yield running


@_within
async def face(stack: Stack, database_url: str, topic_prefix: str) -> AsyncIterator[Face]:
    """The API on this test's database; its topics are not made."""
    async with serving(api_settings(database_url, stack.kafka, topic_prefix)) as running:
        yield running


@_within
async def ask(database_url: str) -> AsyncIterator[Ask]:
    """Ask the tables as their owner."""
    async with owner_asking(database_url) as asking:
        yield asking


@_within
async def deciding(database_url: str) -> AsyncIterator[CopyExecution]:
    """The stage that decides."""
    async with stage_on(database_url) as deciding:
        yield deciding
