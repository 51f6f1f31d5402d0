"""`polycool bot`: the Telegram face."""

from __future__ import annotations

from ops.exits import MISSING


def command() -> int:
    """Run the Telegram face; it needs a bot's token and the API, neither database nor broker."""
    # Imported late: a process that may not start need not load it.
    from bot.server import run
    from bot.settings import BotSettings

    return MISSING if run(BotSettings()) else 0
