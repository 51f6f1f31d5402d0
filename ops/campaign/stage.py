"""Who plays in a campaign, and who follows whom."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ops.demo.crowd import crowd, paper_usdc
from ops.demo.faces import Faces, Made
from ops.demo.script import Script, generated
from schemas.money import plain


@dataclass(frozen=True, slots=True)
class Stage:
    """Who plays, and who follows whom: allocations by leader."""

    script: Script
    followers: Sequence[Made]
    allocations: Mapping[str, Sequence[str]]


async def set_the_stage(faces: Faces, *, seed: int, rate: float, trades: int, followers: int) -> Stage:
    """The people of the seed, watched and followed; returns once every account and following is in force."""
    script = generated(seed, rate, trades)
    for person in script.people:
        await faces.watch(person)
    people = crowd(followers, script.leaders, seed)
    made = await asyncio.gather(
        *(faces.join(person, plain(paper_usdc(number))) for number, person in enumerate(people))
    )
    await asyncio.gather(*(faces.until_ready(one) for one in made))
    allocations: dict[str, list[str]] = defaultdict(list)
    for one in made:
        for leader, allocation in one.allocations.items():
            allocations[leader].append(allocation)
    return Stage(script, made, allocations)
