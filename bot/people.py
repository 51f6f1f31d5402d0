"""Who writes to the bot, and who they are to the API; they are let in at their first word."""

from __future__ import annotations

from typing import Final

from cachetools import TTLCache
from telegram import User

from bot.client.asking import Api
from schemas.me_views import TelegramUser
from schemas.views import UserView

# Language and zone may be changed on the web page too; a minute later they count here.
KEPT_SECONDS: Final = 60
PEOPLE_KEPT: Final = 50_000
LABEL_MAX: Final = 80


class People:
    """The users of people on Telegram, kept for a minute."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._kept: TTLCache[int, UserView] = TTLCache(PEOPLE_KEPT, KEPT_SECONDS)

    async def of(self, person: User) -> tuple[UserView, bool]:
        """The user, and whether this was their first word. Raises ApiError."""
        kept: UserView | None = self._kept.get(person.id)
        if kept is not None:
            return kept, False
        asked = TelegramUser(
            telegram_id=person.id,
            label=_label(person),
            language_code=(person.language_code or "")[:35] or None,
        )
        user, new = await self._api.sign_in(asked)
        self._kept[person.id] = user
        return user, new

    def forget(self, telegram_id: int) -> None:
        """Ask anew next time: something about them was changed."""
        self._kept.pop(telegram_id, None)


def _label(person: User) -> str:
    shown = "".join(sign for sign in person.full_name if sign.isprintable()).strip()
    return shown[:LABEL_MAX].strip() or f"Telegram {person.id}"
