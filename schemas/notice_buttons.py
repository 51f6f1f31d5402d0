"""The buttons under each notice, named as what they lead to (UX §3). Pure; the bot makes callbacks of them."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from schemas.enums import Side
from schemas.notice_words import Facts, Words, count, leader

LABEL_MAX: Final = 24
"""The longest label (UX §1.10)."""


class NoticeVerb(StrEnum):
    """What a button of a notice leads to; the bot turns it into its own verbs."""

    WHY = "why"
    POSITION = "position"
    POSITIONS = "positions"
    PAUSE = "pause"
    SELL = "sell"
    KEEP = "keep"
    LEADER = "leader"
    LEADERS = "leaders"
    HISTORY = "history"
    SKIPPED = "skipped"
    LIMITS = "limits"
    WALLET = "wallet"
    DISARM = "disarm"
    KEEP_CAP = "keep_cap"
    END_SESSION = "end_session"
    NOT_ME = "not_me"
    SIGNAL = "signal"


@dataclass(frozen=True, slots=True)
class NoticeButton:
    """``ref`` is the short name or number of what it is about; empty where there is none."""

    verb: NoticeVerb
    label: str
    ref: str = ""


@dataclass(frozen=True, slots=True)
class _Button:
    """``fact`` names the object; without it in the facts there is no button. Empty: it needs none. ``about`` names one
    that the button leads to where there is one."""

    verb: NoticeVerb
    label: str
    fact: str = ""
    about: str = ""


_WHY: Final = _Button(NoticeVerb.WHY, "why", "copy_order_id")
_POSITION: Final = _Button(NoticeVerb.POSITION, "position", "position_id")
_SELL: Final = _Button(NoticeVerb.SELL, "sell", "position_id")
_PAUSE: Final = _Button(NoticeVerb.PAUSE, "pause", "allocation_id")
_KEEP: Final = _Button(NoticeVerb.KEEP, "keep", "position_id")
_POSITIONS: Final = _Button(NoticeVerb.POSITIONS, "positions")
_HISTORY: Final = _Button(NoticeVerb.HISTORY, "show_n")
Rows = tuple[tuple[_Button, ...], ...]

_COPY: Final[Rows] = ((_WHY, _POSITION), (_PAUSE,))
_UNSOLD: Final[Rows] = ((_SELL,), *_COPY)
_LEFT_OVER: Final[Rows] = ((_SELL, _POSITION),)
_LEFT_OTHERWISE: Final[Rows] = ((_SELL, _KEEP),)
_SOLD_IN_PART: Final = frozenset({"copy_partial", "copy_unfilled", "copy_rejected", "copy_skipped"})
_ROWS: Final[Mapping[str, Rows]] = {
    "exit_partial": _LEFT_OVER,
    "exit_unfilled": _LEFT_OVER,
    "exit_rejected": _LEFT_OVER,
    "exit_skipped": _LEFT_OVER,
    "leader_left_otherwise": _LEFT_OTHERWISE,
    "leader_moved_otherwise": _LEFT_OTHERWISE,
    "leader_trade_lost": _LEFT_OTHERWISE,
    "reversed": ((_WHY, _POSITION),),
    "late_fill": ((_WHY, _POSITION),),
    "sell_halted": ((_WHY,),),
    "live_buys_paused": ((_Button(NoticeVerb.WALLET, "check_wallet"),),),
    "live_armed": ((_Button(NoticeVerb.DISARM, "disarm"),),),
    "day_cap_raised": ((_Button(NoticeVerb.KEEP_CAP, "undo"),),),
    "settings_changed": ((_Button(NoticeVerb.LEADER, "see", "allocation_id"),),),
    "signed_in": ((_Button(NoticeVerb.END_SESSION, "end_session", "session_id"),),),
    "withdrawal_address_added": ((_Button(NoticeVerb.NOT_ME, "not_me", "address_id"),),),
    "signal": ((_Button(NoticeVerb.SIGNAL, "signal", "signal_id"),),),
    "skips_of_the_day": (
        (
            _Button(NoticeVerb.SKIPPED, "show", about="allocation_id"),
            _Button(NoticeVerb.LIMITS, "limits", "allocation_id"),
        ),
    ),
    "burst": ((_HISTORY,),),
    "evening": ((_HISTORY,),),
    "while_away": ((_Button(NoticeVerb.HISTORY, "show"), _Button(NoticeVerb.LEADERS, "leaders")),),
    "following_ended": ((_POSITIONS,),),
    "order_found": ((_POSITIONS,),),
    "shortfall": ((_POSITIONS,),),
    "external_out": ((_POSITIONS,),),
}


def buttons(kind: str, facts: Facts, texts: Mapping[str, str]) -> tuple[tuple[NoticeButton, ...], ...]:
    """The rows of buttons that a notice of this kind has, as far as its facts name their objects."""
    shown = [[_shown(each, facts, texts) for each in row if _has(each, facts)] for row in _rows(kind, facts)]
    return tuple(tuple(row) for row in shown if row)


def _rows(kind: str, facts: Facts) -> Rows:
    if kind.startswith("copy_"):
        unsold = kind in _SOLD_IN_PART and facts.get("side") == Side.SELL
        return _UNSOLD if unsold else _COPY
    if kind.startswith("hand_"):
        return ((_POSITION,),)
    return _ROWS.get(kind, ())


def _has(button: _Button, facts: Facts) -> bool:
    return not button.fact or bool(facts.get(button.fact))


def _shown(button: _Button, facts: Facts, texts: Mapping[str, str]) -> NoticeButton:
    words = Words(leader=leader(facts), n=str(count(facts.get("copies"))))
    label = html.unescape(texts[f"notice.button.{button.label}"].format_map(words))
    if len(label) > LABEL_MAX:
        label = f"{label[: LABEL_MAX - 1]}…"
    ref = str(facts.get(button.fact or button.about) or "")[:40]
    return NoticeButton(button.verb, label, ref)
