"""States and reasons in a word or two, for pictures that must be understood without a manual."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from schemas.enums import CopyState, Reason

# UX §1: the glyphs of the bot, the same here.
GLYPHS: Final[Mapping[CopyState, str]] = {
    CopyState.FILLED: "✅",
    CopyState.PARTIAL: "◐",
    CopyState.UNFILLED: "○",
    CopyState.SKIPPED: "⏭",
    CopyState.EXPIRED: "⌛",
    CopyState.REJECTED: "⛔",
    CopyState.UNKNOWN: "❓",
    CopyState.WAITING: "…",
    CopyState.PLANNED: "…",
    CopyState.SUBMITTING: "…",
}
STATES: Final[Mapping[CopyState, str]] = {
    CopyState.FILLED: "filled",
    CopyState.PARTIAL: "partly",
    CopyState.UNFILLED: "unfilled",
    CopyState.SKIPPED: "skipped",
    CopyState.EXPIRED: "too late",
    CopyState.REJECTED: "refused",
    CopyState.UNKNOWN: "checking",
}
REASONS: Final[Mapping[Reason, str]] = {
    Reason.OWN_WALLET: "it is their own wallet",
    Reason.COPY_OF_COPY: "the trade is a copy of ours",
    Reason.BEFORE_FOLLOWING: "traded before they followed",
    Reason.SOURCE: "source not trusted for live",
    Reason.BUYS_STOPPED: "operators stopped buying",
    Reason.PAUSED: "they paused this leader",
    Reason.BUYS_OFF: "they copy no buys",
    Reason.SELLS_OFF: "they copy no sells",
    Reason.TOO_OLD: "reached us too late",
    Reason.MARKET_UNKNOWN: "market not known yet",
    Reason.MARKET_CLOSED: "market closed",
    Reason.MARKET_ENDING: "market ends too soon",
    Reason.CATEGORY: "a kind they do not want",
    Reason.KEYWORD: "a word they blocked",
    Reason.LEADER_TRADE_SMALL: "leader's trade too small",
    Reason.LEADER_TRADE_LARGE: "leader's trade too large",
    Reason.PRICE_BAND: "price outside their band",
    Reason.SAME_LEADER_ORDER: "same purchase, copied once",
    Reason.ALREADY_IN: "already holds this outcome",
    Reason.MAX_ADDS: "added often enough",
    Reason.LEADER_VALUE_UNKNOWN: "leader's worth unknown",
    Reason.BELOW_MINIMUM: "under the smallest order",
    Reason.CARRIED: "too small, kept for the next",
    Reason.TRADE_LIMIT: "limit per trade",
    Reason.BUDGET: "budget is in use",
    Reason.LOSS_LIMIT: "loss limit reached",
    Reason.MARKET_LIMIT: "limit per market",
    Reason.DAY_LIMIT: "limit per day",
    Reason.LIVE_DAY_CAP: "live limit per day",
    Reason.BALANCE: "not enough free money",
    Reason.NOTHING_TO_SELL: "holds nothing to sell",
    Reason.THIN_MARKET: "too thin a market",
    Reason.LEADER_OUT: "leader had sold again",
    Reason.LEADER_FLOOD: "leader traded too often",
    Reason.FOLLOWING_ENDED: "stopped following",
    Reason.NOT_FOUND: "never shown by the exchange",
}


def reason_words(reason: str) -> str:
    """A reason in a few words; the code itself where there are none."""
    return REASONS[Reason(reason)] if reason in REASONS else reason
