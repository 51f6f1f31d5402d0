"""Thousands of small worlds in which everything breaks that may break: no promise of DESIGN §4 is broken in any."""

from __future__ import annotations

import pytest

from ops.simulation.run import played, played_seed, played_seeds
from ops.simulation.scenario import Blow, from_seed
from ops.simulation.scenes import SCENES, struck

SEEDS = 2_000


@pytest.mark.timeout(600)
def test_in_no_seed_is_a_promise_broken() -> None:
    """Killed, stopped, cut off, answered late, wrongly or never: bought once, answered once, booked to the micro."""
    whole = played_seeds(range(SEEDS), 2, lambda *_: None)
    assert whole.failed == {}
    assert whole.runs == SEEDS
    assert whole.orders["filled"] > SEEDS, "worlds without orders show nothing"
    for blow in Blow:
        assert whole.struck[blow] > 50, f"{blow} was never tried"


@pytest.mark.parametrize("seed", [0, 5, 102, 1047])
def test_a_seed_is_the_same_run_every_time(seed: int) -> None:
    """What a failing seed shows, it shows again: the same steps, blows, orders."""
    assert played_seed(seed) == played_seed(seed)


def test_another_seed_is_another_run() -> None:
    """The seed decides: neighbours differ."""
    assert len({(run.steps, run.seconds) for run in map(played_seed, range(20))}) == 20


def test_r05_bytes_of_a_stopped_sender_that_fill_after_their_refusal_are_booked() -> None:
    """A sender sleeps right before its POST; another worker posts the same bytes, which are refused and end; then the
    first wakes and posts, and the exchange fills. The shares are in the lot, and cash equals the exchange's."""
    (scene,) = (scene for scene in SCENES if scene.name == "refused")
    filled = [
        run
        for step in range(25, 50)
        if (run := played(struck(scene, step, Blow.STOP), 1)).posts > 1 and not run.findings
    ]
    assert filled, "no stop hit the moment before the POST"


def test_a_scenario_of_a_seed_stays_as_it_is() -> None:
    """Made from the seed alone, without any state."""
    assert from_seed(7) == from_seed(7)
