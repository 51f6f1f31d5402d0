"""Builds that are broken on purpose, one for each promise: each is caught, by the seed or scene named here.

A seed that no longer catches its build is looked for anew: `python -m ops.simulation --broken NAME --seeds 2000`.
"""

from __future__ import annotations

import pytest

from ops.simulation.builds import DEEDS, INTACT, broken
from ops.simulation.run import SCENE_SEED, Run, played, played_seed
from ops.simulation.scenes import SCENES

CAUGHT_BY: dict[str, int | str] = {
    "stored_bytes_are_posted_again": 1,
    "unknown_is_not_planned_again": 2,
    "numbers_are_decided_once": 0,
    "ack_comes_after_commit": 5,
    "waiting_is_decided": 1,
    "executor_checks_the_role": 0,
    "reserve_is_held": 0,
    "account_is_locked": 652,
    "shares_on_sale_are_counted": 5,
    "floods_are_counted": "flood",
    "target_is_lowered": 2,
    "repeats_are_looked_at": 264,
    "posts_are_looked_at": 19,
    "absence_takes_its_time": 1,
    "late_fills_are_booked": "late fill",
    "dead_letters_are_written": 0,
    "fills_are_booked_once": 5,
    "fees_are_booked": 3,
    "what_failed_is_taken_back": 254,
    "what_failed_is_taken_back_once": 254,
    "sales_taken_back_are_sold_again": "sale taken back, sold again",
    "what_came_late_is_owed": "purchase shown after the exit",
    "orders_by_hand_hold_a_reserve": "two by hand, one purse",
    "sales_by_hand_are_counted": 5,
    "outbox_is_marked_after_sending": 0,
    "outbox_is_committed_with_its_cause": 0,
}


def _played(deed: str | None, by: int | str) -> Run:
    build = broken(deed) if deed is not None else INTACT
    if isinstance(by, int):
        return played_seed(by, build)
    (scene,) = (scene for scene in SCENES if scene.name == by)
    return played(scene, SCENE_SEED, build)


@pytest.mark.parametrize("deed", DEEDS)
def test_a_build_that_leaves_this_out_is_caught(deed: str) -> None:
    """What the simulator cannot miss it would also find in a build that is broken by mistake."""
    assert _played(deed, CAUGHT_BY[deed]).findings


@pytest.mark.parametrize("by", sorted(set(CAUGHT_BY.values()), key=str))
def test_the_intact_build_passes_where_the_broken_one_is_caught(by: int | str) -> None:
    """It is the omission that is found, not the seed."""
    assert _played(None, by).findings == ()


def test_a_build_can_leave_out_only_what_there_is() -> None:
    """A misspelt name breaks nothing and must not pass for caught."""
    with pytest.raises(ValueError, match="no build leaves out"):
        broken("something_else")
