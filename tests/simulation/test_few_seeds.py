"""A handful of worlds and each scene, in this process and in seconds: what is broken at all shows here first."""

from __future__ import annotations

import pytest

from ops.simulation.run import SCENE_SEED, crash_points, played, played_seed
from ops.simulation.scenario import Blow, Scenario
from ops.simulation.scenes import SCENES, struck

EVERY = 17


@pytest.mark.parametrize("scene", SCENES, ids=[scene.name for scene in SCENES])
def test_a_scene_ends_well_also_when_it_is_struck_now_and_then(scene: Scenario) -> None:
    """Undisturbed, and killed at every seventeenth of its steps."""
    for step in range(1, crash_points(scene) + 1, EVERY):
        assert played(struck(scene, step, Blow.KILL), SCENE_SEED).findings == ()


@pytest.mark.parametrize("first", range(0, 100, 10))
def test_no_promise_is_broken_in_the_first_seeds(first: int) -> None:
    """Ten worlds."""
    assert [run.findings for run in map(played_seed, range(first, first + 10)) if run.findings] == []
