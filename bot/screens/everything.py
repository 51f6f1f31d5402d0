"""All screens of the bot, by their modules."""

from __future__ import annotations

from types import ModuleType
from typing import Final

from bot.registry import Actions
from bot.screens import (
    arming,
    copying,
    custom,
    following,
    hand_orders,
    help,
    history,
    leaders,
    menu,
    notices,
    operators,
    outcome,
    own_facts,
    positions,
    preview,
    settings,
    settings_of,
    signal,
    smart,
    stopping,
    wallet,
    what_if,
    why,
    withdrawing,
    wizard,
)

MODULES: Final[tuple[ModuleType, ...]] = (
    menu,
    copying,
    leaders,
    preview,
    what_if,
    wizard,
    custom,
    following,
    settings_of,
    history,
    why,
    positions,
    outcome,
    stopping,
    smart,
    signal,
    hand_orders,
    wallet,
    arming,
    withdrawing,
    settings,
    notices,
    operators,
    own_facts,
    help,
)


def every_action() -> Actions:
    """Every verb with its action."""
    actions = Actions()
    for module in MODULES:
        actions.include(module.actions)
    return actions
