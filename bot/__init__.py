"""The Telegram face: a client of the API, screens, notices. It has neither database nor Kafka."""

from __future__ import annotations

import os

# python-telegram-bot gives spans of time as timedelta from here on; its numbers are on their way out and warn.
os.environ.setdefault("PTB_TIMEDELTA", "true")
