"""All screens of the bot, by their modules."""

from __future__ import annotations

from types import ModuleType
from typing import Final

from bot.registry import Actions
from bot.screens import copying, menu

MODULES: Final[tuple[ModuleType, ...]] = (menu, copying)


def every_action() -> Actions:
    """Every verb with its action."""
    actions = Actions()
    for module in MODULES:
        actions.include(module.actions)
    return actions
