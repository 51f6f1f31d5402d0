"""Seeds and crash points, one after the other or in several processes; and what they came to."""

from __future__ import annotations

import multiprocessing
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from ops.simulation.builds import INTACT, Build
from ops.simulation.checker import Refused
from ops.simulation.scenario import Blow, Scenario, from_seed
from ops.simulation.scenes import SCENES, struck
from ops.simulation.world import World

SCENE_SEED: Final = 1
PART: Final = 250
Told = Callable[[int, int], None]
"""Hears how many runs there were so far, and how many failed."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run: its name, what must not be, and how long it was. ``orders`` are copy orders by state."""

    name: str
    findings: tuple[str, ...]
    steps: int
    seconds: float
    posts: int
    struck: Counter[str]
    orders: Counter[str]


def played(scenario: Scenario, seed: int, build: Build = INTACT) -> Run:
    """Play one scenario. What the product or the database refuses to do is a finding too."""
    world = World(scenario, seed, build)
    try:
        findings = list(world.run())
    except (AssertionError, ValueError, KeyError, Refused) as fault:
        findings = [f"{world.monotonic:.2f} s, step {world.steps}: {type(fault).__name__} {fault}"]
    orders = Counter(str(row["state"]) for row in world.database.rows("copy_orders"))
    return Run(
        scenario.name,
        tuple(findings),
        world.steps,
        world.monotonic,
        world.exchange.arrivals,
        world.struck,
        orders,
    )


def played_seed(seed: int, build: Build = INTACT) -> Run:
    """The run of a seed; the same every time."""
    return played(from_seed(seed), seed, build)


def crash_points(scene: Scenario) -> int:
    """How many steps the scene has when nothing breaks."""
    run = played(scene, SCENE_SEED)
    assert not run.findings, f"{scene.name}: {run.findings}"
    return run.steps


def crash_points_of(scene: Scenario, in_turn: bool = False) -> Iterator[Scenario]:
    """The scene struck before each of its steps, none left out: by each blow, or killed and by one other, in turn."""
    others = tuple(blow for blow in Blow if blow is not Blow.KILL)
    for step in range(1, crash_points(scene) + 1):
        for blow in (Blow.KILL, others[step % len(others)]) if in_turn else tuple(Blow):
            yield struck(scene, step, blow)


@dataclass(slots=True)
class Sum:
    """What many runs came to; ``failed`` keeps the findings of the first ones by name."""

    runs: int = 0
    steps: int = 0
    posts: int = 0
    simulated_seconds: float = 0.0
    failures: int = 0
    failed: dict[str, tuple[str, ...]] = field(default_factory=dict)
    struck: Counter[str] = field(default_factory=Counter)
    orders: Counter[str] = field(default_factory=Counter)

    def add(self, run: Run) -> None:
        """Count a run."""
        self.runs += 1
        self.steps += run.steps
        self.posts += run.posts
        self.simulated_seconds += run.seconds
        self.struck += run.struck
        self.orders += run.orders
        if run.findings:
            self.failures += 1
            if len(self.failed) < 20:
                self.failed[run.name] = run.findings

    def join(self, other: Sum) -> None:
        """Count another part."""
        for name in ("runs", "steps", "posts", "simulated_seconds", "failures", "struck", "orders"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.failed |= dict(list(other.failed.items())[: 20 - len(self.failed)])

    def as_json(self) -> dict[str, Any]:
        """The sum as one object."""
        return {
            "runs": self.runs,
            "failures": self.failures,
            "failed": {name: list(findings) for name, findings in self.failed.items()},
            "steps": self.steps,
            "posts": self.posts,
            "simulated_hours": round(self.simulated_seconds / 3600, 1),
            "struck": dict(sorted(self.struck.items())),
            "copy_orders": dict(sorted(self.orders.items())),
        }


def played_seeds(seeds: range, processes: int, told: Told, build: Build = INTACT) -> Sum:
    """All seeds in so many processes."""
    parts = [range(first, min(first + PART, seeds.stop)) for first in range(seeds.start, seeds.stop, PART)]
    return _in_parts(partial(_seeds, build=build), parts, processes, told)


def played_crash_points(processes: int, told: Told, build: Build = INTACT, in_turn: bool = False) -> Sum:
    """Every boundary of every scene, by each blow or by two of them, in so many processes."""
    longest_first = sorted(range(len(SCENES)), key=lambda number: -crash_points(SCENES[number]))
    return _in_parts(partial(_scene, build=build, in_turn=in_turn), longest_first, processes, told)


def _in_parts(play: Callable[[Any], Sum], parts: Sequence[Any], processes: int, told: Told) -> Sum:
    whole = Sum()
    if processes <= 1:
        for part in parts:
            whole.join(play(part))
            told(whole.runs, whole.failures)
        return whole
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        for one in pool.imap_unordered(play, parts):
            whole.join(one)
            told(whole.runs, whole.failures)
    return whole


def _seeds(seeds: range, build: Build) -> Sum:
    whole = Sum()
    for seed in seeds:
        whole.add(played_seed(seed, build))
    return whole


def _scene(number: int, build: Build, in_turn: bool) -> Sum:
    whole = Sum()
    for scenario in crash_points_of(SCENES[number], in_turn):
        whole.add(played(scenario, SCENE_SEED, build))
    return whole
