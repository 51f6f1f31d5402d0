"""Postgres' own programs for dumps, from the package that the local stack runs."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final

from ops.failures import Missing
from ops.stack.postgres import packaged_binaries

_TAIL: Final = 400


async def run(program: str, *arguments: str) -> None:
    """Run it to its end. Raises Missing with the end of its words when it fails."""
    process = await asyncio.create_subprocess_exec(
        str(packaged_binaries() / program), *arguments,
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        _, words = await process.communicate()
    except asyncio.CancelledError:
        process.terminate()
        await process.wait()
        raise
    if process.returncode != 0:
        raise Missing(f"{program} failed: {words.decode(errors='replace').strip()[-_TAIL:]}")


async def dump(url: str, snapshot: str, file: Path) -> None:
    """Everything of the database as the snapshot shows it, compressed."""
    await run("pg_dump", "--format=custom", f"--snapshot={snapshot}", f"--file={file}", f"--dbname={url}")


async def put_back(url: str, file: Path, schemas: tuple[str, ...], *, clean: bool) -> None:
    """The dump's schemas in one transaction: all of it or nothing. ``clean`` takes away what is there first."""
    named = [f"--schema={schema}" for schema in schemas]
    cleaned = ["--clean", "--if-exists"] if clean else []
    await run(
        "pg_restore",
        "--single-transaction",
        "--exit-on-error",
        "--no-owner",
        *cleaned,
        *named,
        f"--dbname={url}",
        str(file),
    )
