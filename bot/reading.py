"""What somebody wrote: a command, an address, a key that must not stay in the chat, or words (UX §1). Pure."""

from __future__ import annotations

import re
from typing import Final

from bot import verbs
from bot.callbacks import Tap

COMMANDS: Final = {
    "start": Tap(verbs.HELLO),
    "menu": Tap(verbs.MENU),
    "copy": Tap(verbs.COPY),
    "copy_trading": Tap(verbs.COPY),
    "add": Tap(verbs.ADD),
    "smart": Tap(verbs.SMART),
    "smart_trading": Tap(verbs.SMART),
    "positions": Tap(verbs.POSITIONS),
    "history": Tap(verbs.HISTORY),
    "why": Tap(verbs.WHY),
    "wallet": Tap(verbs.WALLET),
    "settings": Tap(verbs.SETTINGS),
    "stop_all": Tap(verbs.STOP_ALL),
    "help": Tap(verbs.HELP),
    "admin": Tap(verbs.ADMIN),
}
# In the order of Telegram's list of commands; the former names and /admin are in none.
LISTED: Final = (
    "start", "menu", "copy", "add", "smart", "positions", "history", "why", "wallet", "settings", "stop_all", "help",
)  # fmt: skip
# Zero-width and other signs that copying from elsewhere brings along.
_UNSEEN: Final = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_SECRET: Final = re.compile(r"(?<![0-9a-fA-F])(?:0[xX])?[0-9a-fA-F]{64}(?![0-9a-fA-F])")
_COMMAND: Final = re.compile(r"/([a-z_]{1,32})(?:@\w+)?(?:\s+(.*))?", re.DOTALL)
_DEEP_LINK: Final = re.compile(r"l_([0-9a-fA-F]{40})")
_COPY_NAME: Final = re.compile(r"[Cc]-[0-9A-Za-z]{7}")
_ADDRESS: Final = re.compile(r"0[xX][0-9a-fA-F]{40}")
_LINK: Final = re.compile(r"(?:https?://)?(?:www\.)?polymarket\.com/(?:profile/|@)\S+", re.IGNORECASE)


def clean(text: str) -> str:
    """Without signs nobody sees, and without blanks around it."""
    return _UNSEEN.sub("", text).strip()


def holds_secret(text: str) -> bool:
    """Whether 64 hex characters stand in it: a private key, or a transaction hash. Blanks and unseen signs do not hide
    it."""
    bare = _UNSEEN.sub("", text)
    return bool(_SECRET.search(bare) or _SECRET.fullmatch(re.sub(r"[\s:-]", "", bare)))


def command(text: str) -> tuple[Tap, str] | None:
    """What a command asks for and what follows it; None where it is none of ours."""
    found = _COMMAND.fullmatch(clean(text))
    if found is None or found[1] not in COMMANDS:
        return None
    rest = (found[2] or "").strip()
    if found[1] == "why" and _COPY_NAME.fullmatch(rest):
        return Tap(verbs.WHY, rest.upper()), rest
    return COMMANDS[found[1]], rest


def deep_link(rest: str) -> str | None:
    """The address in `/start l_<40 hex>`."""
    found = _DEEP_LINK.fullmatch(rest)
    return None if found is None else f"0x{found[1].lower()}"


def names_wallet(text: str) -> bool:
    """Whether it is an address or the link of a profile, and nothing else."""
    bare = clean(text)
    return bool(_ADDRESS.fullmatch(bare) or _LINK.fullmatch(bare))
