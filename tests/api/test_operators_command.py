"""`polycool operators`: a plan first, then done; and who is one reaches the pages with their own token."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from ops.cli import run
from ops.stack.local import Stack
from tests.api.conftest import Face


async def test_operators_are_added_and_removed_by_command(
    face: Face,
    stack: Stack,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Without --execute nothing changes; unknown people are exit 1; a removed one is out within a second."""
    monkeypatch.setenv("POLYCOOL_DATABASE_URL", database_url)
    monkeypatch.setenv("POLYCOOL_KAFKA", stack.kafka)
    user = await face.new_user("Ada", telegram_id=7)

    async def said(*words: str) -> tuple[int, Any]:
        capsys.readouterr()
        code = await asyncio.to_thread(run, ["operators", *words, "--json"])
        lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("{")]
        return code, json.loads(lines[-1])

    async def looks() -> int:
        return (await face.get("/v1/ops/pipeline", user=user)).status_code

    planned = await said("add", "7")
    before = await looks()
    done = await said("add", user, "--execute")
    code, listed = await said("list")

    assert (planned[0], planned[1]["executed"], before) == (0, False, 403)
    assert (done[0], done[1]["executed"], await looks()) == (0, True, 200)
    assert (code, [each["user_id"] for each in listed["operators"]]) == (0, [user])
    assert (await said("add", "U-0000000", "--execute"))[0] == 1
    removed = await said("remove", "7", "--execute")
    assert (removed[0], removed[1]["executed"], await looks()) == (0, True, 403)
