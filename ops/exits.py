"""Exit codes of every command (DESIGN §9)."""

from __future__ import annotations

from typing import Final

DONE: Final = 0
# A check failed, a decision differs, a plan is stale, refused for safety.
ANSWER_IS_NO: Final = 1
WRONG_USE: Final = 2
# Something it needs is not there: broker, database, exchange, a secret.
MISSING: Final = 3
INTERRUPTED: Final = 130
