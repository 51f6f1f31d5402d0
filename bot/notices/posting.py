"""The API's side of notices, asked with the bot's own token."""

from __future__ import annotations

from typing import Final

import structlog

from bot.client.asking import Api
from bot.client.errors import ApiError, Refused
from bot.notices.carrying import Away
from schemas.notices import ClaimedNotices, ClaimNotices, NoticeResult, NoticeView

log = structlog.get_logger()
CLAIM: Final = "/v1/bot/notifications/claim"
_NOT_FOUND: Final = 404


class ApiPost:
    """Claims and answers over HTTP. A claim whose answer is lost costs its notices a lease, not more."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def claim(self, most: int, wait_seconds: float) -> tuple[NoticeView, ...]:
        """Up to ``most`` notices; waits in the API for the first. Raises ``Away``."""
        asked = ClaimNotices(most=most, wait_seconds=wait_seconds)
        try:
            answer = await self._api.as_bot("POST", CLAIM, asked.model_dump(mode="json"))
        except ApiError as error:
            raise Away(f"{type(error).__name__}: {error}") from error
        return ClaimedNotices.model_validate_json(answer.content).items

    async def answer(self, notification_id: str, result: NoticeResult) -> None:
        """What became of it. Raises ``Away``; a notice that is gone is answered for."""
        path = f"/v1/bot/notifications/{notification_id}/result"
        try:
            await self._api.as_bot("POST", path, result.model_dump(mode="json"))
        except Refused as refused:
            if refused.status != _NOT_FOUND:
                raise Away(str(refused)) from refused
            log.info("notice_is_gone", notification_id=notification_id)
        except ApiError as error:
            raise Away(f"{type(error).__name__}: {error}") from error
