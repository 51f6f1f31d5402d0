"""What can come of asking the API; each kind has its sentence (UX §4, `bot/screens/troubles.py`)."""

from __future__ import annotations

from schemas.views import FieldError


class ApiError(Exception):
    """The API did not do what was asked."""


class Unreachable(ApiError):
    """Looking: no answer of use came in time."""


class NotSent(ApiError):
    """Changing: it certainly did not reach the API, or the API said that nothing was changed."""


class NoAnswer(ApiError):
    """Changing: it was sent and may have been done; the same key asks what became of it."""


class Refused(ApiError):
    """The API answered no; `code` is of its closed set, `detail` is for people."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        errors: tuple[FieldError, ...] = (),
        retry_after: int | None = None,
    ) -> None:
        super().__init__(f"{status} {code}: {detail}")
        self.status = status
        self.code = code
        self.detail = detail
        self.errors = errors
        self.retry_after = retry_after
