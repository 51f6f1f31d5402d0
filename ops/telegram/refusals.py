"""What the Bot API refuses, with the numbers and words of the real one."""

from __future__ import annotations

from typing import Any, Final


class Refusal(Exception):
    """An answer ``{"ok": false}``; ``retry_after`` in whole seconds when it is a flood's."""

    def __init__(self, code: int, description: str, retry_after: int | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.retry_after = retry_after

    def body(self) -> dict[str, Any]:
        """The answer's JSON."""
        body: dict[str, Any] = {"ok": False, "error_code": self.code, "description": self.description}
        if self.retry_after is not None:
            body["parameters"] = {"retry_after": self.retry_after}
        return body


def bad(words: str) -> Refusal:
    """400."""
    return Refusal(400, f"Bad Request: {words}")


def flood(retry_after: int) -> Refusal:
    """429."""
    return Refusal(429, f"Too Many Requests: retry after {retry_after}", retry_after)


UNAUTHORIZED: Final = (401, "Unauthorized")
NO_METHOD: Final = (404, "Not Found")
BLOCKED: Final = (403, "Forbidden: bot was blocked by the user")
NOT_BEGUN: Final = "chat not found"
LEFT: Final = (403, "Forbidden: bot is not a member of the group chat")
WEBHOOK_IS_SET: Final = (
    409,
    "Conflict: can't use getUpdates method while webhook is active;"
    " use deleteWebhook to delete the webhook first",
)
TWO_POLLERS: Final = (
    409,
    "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
)
NOT_MODIFIED: Final = (
    "message is not modified: specified new message content and reply markup are exactly the same"
    " as a current content and reply markup of the message"
)
