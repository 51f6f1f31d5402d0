"""What breaks before a step of a process, by the scenario's chances or at exactly the steps it names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ops.simulation.scenario import Blow
from ops.simulation.steps import Program, Task

if TYPE_CHECKING:
    from ops.simulation.world import World

FAULTS_UNTIL: Final = 45.0
SESSION_SECONDS: Final = 10.0


def goes_wrong(world: World, of_thousand: int) -> bool:
    """Whether this is one of so many in a thousand."""
    return bool(of_thousand) and world.monotonic < FAULTS_UNTIL and world.chance.random() * 1000 < of_thousand


def strike(world: World, task: Task) -> bool:
    """Strike what is about to go on, when it is its turn; whether it was struck."""
    faults = world.scenario.faults
    blow = faults.blows.get(world.steps)
    if blow is None and task.process is not None:
        if goes_wrong(world, faults.kills):
            blow = Blow.KILL
        elif goes_wrong(world, faults.stops):
            blow = Blow.STOP
        elif goes_wrong(world, faults.restarts):
            blow = world.chance.choice([Blow.DATABASE, Blow.EVERYTHING])
    if blow is None:
        return False
    world.struck[blow] += 1
    _deal(world, blow, task.process)
    return True


def _deal(world: World, blow: Blow, process: Program | None) -> None:
    if blow is Blow.DATABASE:
        world.database.cut()
    elif blow is Blow.EVERYTHING:
        for each in list(world.processes):
            world.end(each, 2.0)
    elif process is not None and blow is Blow.KILL:
        world.end(process)
    elif process is not None and process.stopped_since is None:
        process.stopped_since = world.monotonic
        process.stopped_until = world.monotonic + SESSION_SECONDS + world.chance.uniform(0, 20)
        # The group, or the supervisor, gives its work to another.
        other = Program(process.name, process.seat, process.begin)
        other.starts_at = world.monotonic + SESSION_SECONDS
        world.processes.append(other)
