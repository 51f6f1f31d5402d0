"""`polycool keys`: which keys wrap the wallets' data keys, and wrapping them anew. No wallet is opened or shown."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from ops.exits import ANSWER_IS_NO, DONE
from ops.failures import Missing
from ops.migration.migrate import plan
from ops.output import answer
from ops.stack.environment import local_secrets
from ops.stack.neighbours import surroundings
from streams.keys import rotation
from streams.keys.providers import LOCAL, KeyFault, KeyRing
from streams.keys.settings import KeySettings
from streams.tables import wrapping
from streams.tables.pool import Pool, open_pool

app = typer.Typer(add_completion=False, help="Keys that wrap the wallets' keys.", no_args_is_help=True)
Result = TypeVar("Result")
_PREFIX = "POLYCOOL_"


@app.command()
def status() -> int:
    """How many wallets' keys stand under which key, and whether each provider opens; exit 1 when one does not."""
    looked, counted = asyncio.run(_with_ring(_status))
    unknown = [name for name in counted if name not in looked and name != LOCAL]
    well = not unknown and all(word == "opens" for word in looked.values())
    current = next(iter(looked))
    lines = [
        f"{'→' if name == current else ' '} {name}  {counted.get(name, 0)} keys  {word}"
        for name, word in looked.items()
    ]
    lines += [
        f"  {name}  {keys} keys  {'from before keys had names' if name == LOCAL else 'not set up'}"
        for name, keys in counted.items()
        if name not in looked
    ]
    answer({"current": current, "providers": looked, "keys": counted, "well": well}, "\n".join(lines))
    return DONE if well else ANSWER_IS_NO


@app.command()
def rotate(
    to: Annotated[
        str | None, typer.Option(help="provider/key as keys status names it; else the current one")
    ] = None,
    execute: Annotated[bool, typer.Option("--execute", help="Do it, not only show it.")] = False,
) -> int:
    """Wrap every data key anew; may be stopped and begun again. Changes nothing without --execute."""

    async def work(pool: Pool, ring: KeyRing) -> int:
        target = ring.current if to is None else ring.named(to)
        if target is None:
            raise typer.BadParameter(f"{to} is not set up; set up are {', '.join(ring.names)}")
        if not execute:
            left = await rotation.left_under_others(pool, target.name)
            keys = sum(left.values())
            text = f"{keys} keys would be wrapped by {target.name}; nothing was changed, --execute does it"
            answer({"to": target.name, "to_rewrap": keys, "by": left, "executed": False}, text)
            return DONE
        done = await rotation.rotate(pool, ring, target)
        text = f"{done.rewrapped} keys wrapped by {done.to}, {sum(done.left.values())} left under others"
        if done.refused:
            text += f"; did not open: {', '.join(done.refused)}"
        answer(
            {
                "to": done.to, "rewrapped": done.rewrapped, "refused": done.refused, "left": dict(done.left),
                "executed": True,
            },
            text,
        )  # fmt: skip
        return DONE if done.whole else ANSWER_IS_NO

    return asyncio.run(_with_ring(work))


async def _status(pool: Pool, ring: KeyRing) -> tuple[dict[str, str], dict[str, int]]:
    return await rotation.looked_at(ring), await wrapping.counted(pool)


async def _with_ring(work: Callable[[Pool, KeyRing], Awaitable[Result]]) -> Result:
    environment = _environment()
    url = environment.get("POLYCOOL_DATABASE_URL")
    if not url:
        raise Missing("POLYCOOL_DATABASE_URL must be set (see .env.example), or polycool up runs beside.")
    # A database that is away, or is none of ours, is told at once.
    if missing := plan(url).missing:
        raise Missing(f"the database lacks {len(missing)} migrations: run polycool migrate --execute.")
    ring = _settings(environment).ring()
    try:
        pool = await open_pool(url, "trading")
        try:
            return await work(pool, ring)
        except KeyFault as fault:
            raise Missing(f"{fault}; what was done stays done, begin again when it is mended.") from fault
        finally:
            await pool.close()
    finally:
        await ring.close()


def _environment(given: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The caller's settings, completed by those of a stack that runs here, its key too."""
    found = surroundings(given)
    directory = Path(found.get("POLYCOOL_STACK_DIR", ""))
    ours = given.get("POLYCOOL_DATABASE_URL") is None and (directory / "secrets.env").is_file()
    return (local_secrets(directory) if ours else {}) | found


def _settings(environment: Mapping[str, str]) -> KeySettings:
    named = {name: environment.get(f"{_PREFIX}{name.upper()}") for name in KeySettings.model_fields}
    return KeySettings.model_validate({name: text for name, text in named.items() if text})
