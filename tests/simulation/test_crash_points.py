"""Every boundary of every scene is struck; none is left out, and none does harm.

Here each is killed, and struck by one of the other blows in turn; by each of the four with
`python -m ops.simulation --crash-points`.
"""

from __future__ import annotations

import pytest

from ops.simulation.run import crash_points, crash_points_of, played_crash_points
from ops.simulation.scenario import Blow, Scenario
from ops.simulation.scenes import SCENES


@pytest.mark.timeout(900)
def test_at_no_boundary_does_a_crash_break_a_promise() -> None:
    """Killed, stopped beyond the session time-out, without a database, or everything at once: at each step."""
    due = sum(crash_points(scene) for scene in SCENES)
    whole = played_crash_points(2, lambda *_: None, in_turn=True)
    assert whole.failed == {}
    assert whole.runs == 2 * due
    assert whole.struck[Blow.KILL] == due
    assert sum(whole.struck[blow] for blow in Blow) == 2 * due
    for blow in Blow:
        assert whole.struck[blow] > due // len(Blow) - len(SCENES)


@pytest.mark.parametrize("scene", SCENES, ids=[scene.name for scene in SCENES])
def test_each_step_of_a_scene_is_struck_once_by_each_blow(scene: Scenario) -> None:
    """The boundaries are counted, not chosen."""
    dealt = [next(iter(each.faults.blows.items())) for each in crash_points_of(scene)]
    assert len(dealt) == len(set(dealt)) == crash_points(scene) * len(Blow)
    assert {step for step, _ in dealt} == set(range(1, crash_points(scene) + 1))


def test_the_scenes_cover_what_they_are_named_for() -> None:
    """Buy, sell, burst, unknown, late fill, partial, pause, stop, taken back, by hand, and the others."""
    names = " ".join(scene.name for scene in SCENES)
    for word in (
        "buy",
        "sell",
        "burst",
        "unknown",
        "late fill",
        "partial",
        "pause",
        "stop",
        "refused",
        "rests",
        "425",
        "purchase taken back",
        "sale taken back",
        "by hand",
    ):
        assert word in names
