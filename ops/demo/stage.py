"""Sets the stage: watched wallets, followers with money, markets; all in force before the first trade."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from ops.demo.asking import Questions
from ops.demo.crowd import crowd, paper_usdc
from ops.demo.faces import Faces, Made
from ops.demo.options import Options
from ops.demo.player import Player
from ops.demo.script import Script
from ops.failures import Missing
from ops.output import say
from schemas.money import plain

KNOWN_SECONDS: Final = 30.0
LOOK_SECONDS: Final = 0.1
Followers = Mapping[str, Sequence[str]]
"""Allocations by leader's wallet."""


async def set_the_stage(
    options: Options, script: Script, faces: Faces, player: Player, asked: Questions
) -> Followers:
    """Make everybody through the API, tell the markets; returns once all is known and every account is ready."""
    for person in script.people:
        await faces.watch(person)
    people = crowd(options.followers, script.leaders, options.seed)
    made = await asyncio.gather(
        *(faces.join(person, plain(paper_usdc(number))) for number, person in enumerate(people))
    )
    tokens = await player.prepare()
    await asyncio.gather(*(faces.until_ready(one) for one in made))
    await _until_known(asked, tokens)
    followings = sum(len(one.allocations) for one in made)
    say(
        f"{len(script.people)} wallets watched, {len(made)} followers follow them {followings} times, {tokens} tokens"
    )
    return _by_leader(made)


def _by_leader(made: Sequence[Made]) -> Followers:
    found: dict[str, list[str]] = defaultdict(list)
    for one in made:
        for leader, allocation in one.allocations.items():
            found[leader].append(allocation)
    return found


async def _until_known(asked: Questions, tokens: int) -> None:
    loop = asyncio.get_running_loop()
    until = loop.time() + KNOWN_SECONDS
    while True:
        if (await asked.row("known_markets"))["tokens"] >= tokens:
            return
        if loop.time() > until:
            raise Missing(
                f"the {tokens} tokens were not known within {KNOWN_SECONDS:.0f} s: is streams running?"
            )
        await asyncio.sleep(LOOK_SECONDS)
