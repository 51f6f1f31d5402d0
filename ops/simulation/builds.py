"""The build that is simulated: the intact one, or one that is broken on purpose in one place (docs/reliability.md)."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Final


@dataclass(frozen=True, slots=True)
class Build:
    """Each field is something the product does; False leaves it out. Named by the promise of DESIGN §4 it serves."""

    stored_bytes_are_posted_again: bool = True  # 1
    unknown_is_not_planned_again: bool = True  # 1, 6
    numbers_are_decided_once: bool = True  # 1
    ack_comes_after_commit: bool = True  # 2
    waiting_is_decided: bool = True  # 2
    executor_checks_the_role: bool = True  # 3
    reserve_is_held: bool = True  # 4
    account_is_locked: bool = True  # 4
    shares_on_sale_are_counted: bool = True  # 4
    floods_are_counted: bool = True  # SAFETY R27
    target_is_lowered: bool = True  # RULES §4
    repeats_are_looked_at: bool = True  # 5, SAFETY R11
    posts_are_looked_at: bool = True  # 5, SAFETY R11
    absence_takes_its_time: bool = True  # 6, SAFETY R5
    late_fills_are_booked: bool = True  # 8, SAFETY R5
    dead_letters_are_written: bool = True  # 7
    fills_are_booked_once: bool = True  # 8
    fees_are_booked: bool = True  # 8
    what_failed_is_taken_back: bool = True  # 8, SAFETY R14
    what_failed_is_taken_back_once: bool = True  # 8, SAFETY R14
    sales_taken_back_are_sold_again: bool = True  # RULES §4, SAFETY R14
    what_came_late_is_owed: bool = True  # RULES §5, SAFETY R6
    orders_by_hand_hold_a_reserve: bool = True  # 4
    sales_by_hand_are_counted: bool = True  # 4
    outbox_is_marked_after_sending: bool = True  # 7
    outbox_is_committed_with_its_cause: bool = True  # 7


INTACT: Final = Build()


def broken(name: str) -> Build:
    """The build with one thing left out. Raises ValueError for a name that is none."""
    if name not in DEEDS:
        raise ValueError(f"no build leaves out {name!r}; there are {', '.join(DEEDS)}")
    return replace(INTACT, **{name: False})


DEEDS: Final = tuple(field.name for field in fields(Build))
