"""Generated bad inputs through every door: refused in the door's own words, and the good neighbour comes through."""

from __future__ import annotations

from random import Random

import pytest

from ops.simulation import inputs
from ops.simulation.inputs import DOORS, Lost, poured

COUNT = 18_000


def test_bad_inputs_crash_no_door_and_cost_no_neighbour() -> None:
    """Message decoding, both webhooks, and what the exchange answers."""
    tally = poured(range(COUNT), seed=1)
    assert tally.crashes == []
    assert tally.lost == []
    assert tally.inputs.total() == COUNT
    for name, _ in DOORS:
        assert tally.refused[name] > COUNT / len(DOORS) / 4, f"{name}: the inputs are not bad enough"


def test_an_input_is_the_same_every_time() -> None:
    """A crash names its number; that number alone shows it again."""
    assert poured(range(600, 660), seed=3) == poured(range(600, 660), seed=3)


def test_a_door_that_crashes_or_loses_a_neighbour_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tally is not blind."""

    def crashes(_chance: Random) -> bool:
        raise KeyError("wallet")

    def loses(_chance: Random) -> bool:
        raise Lost("the neighbour was not taken")

    monkeypatch.setattr(inputs, "DOORS", (("crashes", crashes), ("loses", loses)))
    tally = poured(range(4), seed=1)
    assert len(tally.crashes) == len(tally.lost) == 2
