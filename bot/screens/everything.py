"""All screens of the bot, by their modules."""

from __future__ import annotations

from types import ModuleType
from typing import Final

from bot.registry import Actions
from bot.screens import (
    copying,
    custom,
    following,
    history,
    leaders,
    menu,
    outcome,
    positions,
    preview,
    settings_of,
    stopping,
    what_if,
    why,
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
)


def every_action() -> Actions:
    """Every verb with its action."""
    actions = Actions()
    for module in MODULES:
        actions.include(module.actions)
    return actions
