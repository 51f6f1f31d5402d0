"""Every verb a button may have (≤ 4 signs), with what `ref` and `arg` mean; each has its action in `bot/screens`.

A leader who is not followed is named `L-…`, made from the address (`bot/wallet_names.py`); a position by its number in
base 36. Screens of one part lead to those of another by these names alone.
"""

from __future__ import annotations

from typing import Final

# S1, S2, S17
HELLO: Final = "hi"
MENU: Final = "menu"
HELP: Final = (
    "help"  # arg: the page of S17 (copied, skips, fees, paper, differ, ask), "" the list of commands
)
# S3, S4, S4a, S5
COPY: Final = "copy"  # arg: page
LEADERS: Final = "find"  # arg: filter and page, "b1"
ADD: Final = "add"
ADDRESS: Final = "addr"  # typed: an address or a link
PREVIEW: Final = "look"  # ref: L-… or S-… (the signal's wallet)
THEIR_TRADES: Final = "trds"  # ref: L-…
# S6
WHAT_IF: Final = "wif"  # ref: L-…; arg: preset and days, "c30"; starts one and shows it
WHAT_IF_RUN: Final = "wifr"  # ref: its name; arg as above
WHAT_IF_SKIPS: Final = "wifs"
# S6a to S6d; what is chosen stands in the draft of the API
WIZARD: Final = "wiz"  # ref: L-…; begins, asks for the budget
BUDGET: Final = "bud"  # arg: "100", "10p"; typed
RULES: Final = "rule"
PRESET: Final = "pre"  # arg: careful, balanced
CUSTOM: Final = "cust"  # arg: "" or what is chosen, "mfixed"
CUSTOM_LIMITS: Final = "clim"
CONFIRM: Final = "conf"
FOLLOW: Final = "foll"  # ref: the draft's name
REHEARSE: Final = "reh"  # ref: A-…
# S7, S7a; ref: A-…
LEADER: Final = "lead"
PAUSE: Final = "paus"  # arg: version, base 36
RESUME: Final = "resu"
STOP: Final = "stop"
CLOSE: Final = "clos"
END: Final = "end"
SELL_ALL_OF: Final = "sela"  # the question of [Stop and sell now…]
SELL_NOW: Final = "seln"
RENAME: Final = "name"
# S8; ref: A-…, or "new" for the following that the wizard makes
SETTINGS_OF: Final = "set"  # arg: page
SETTING: Final = "sopt"  # arg: the setting's number
SET: Final = "sval"  # arg: number and value; typed
SAVE: Final = "ssav"  # shows old → new
SAVE_NOW: Final = "save"
SEE_BOTH: Final = "both"
# S9 to S11a
HISTORY: Final = "hist"  # ref: A-… or ""; arg: filter, page, anchor
PICK_LEADER: Final = "hled"
PICK_DAY: Final = "hday"
WHY: Final = "why"  # ref: C-…, "" the newest
CHECKS: Final = "chk"  # ref: C-…
POSITIONS: Final = "pos"  # ref: A-… or ""; arg: venue, open or closed, page: "po1"
PICK_OWNER: Final = "pled"
POSITION: Final = "pos1"  # ref: a position of the outcome, base 36
CHART: Final = "chrt"  # ref: "", arg: venue
CLOSE_PICTURE: Final = "gone"
# S12, S12a, S13
SMART: Final = "smrt"  # arg: filters and page
SMART_PICK: Final = "smpk"  # arg: which filter, then the filters as they are
ALERTS: Final = "alrt"  # arg: filters and page to come back to
SIGNAL: Final = "sig"  # ref: S-…
BUY: Final = "buy"  # ref: S-…; arg: cents, base 36, "L" behind them for live money; "" or "L" asks; typed
ORDER: Final = "ordr"  # ref: S-…; arg: the quote's seven signs, then the arg of BUY
SELL: Final = "sell"  # ref: a position, base 36; arg: percent, "" asks; typed
SELL_ORDER: Final = "sord"  # ref: a position, base 36; arg: the quote's seven signs
HAND_ORDER: Final = "hord"  # ref: M-…
# S14, S14a, S14b, S14c
WALLET: Final = "wal"
CREDIT: Final = "cred"  # arg: the day it is asked for
LIVE_CHECKS: Final = "armc"
ARM_CAP: Final = "armp"  # arg: cents, base 36; "" and typed: another amount
ARM: Final = "armd"  # arg: when it was asked for, then the cap; typed: the phrase
DAY_CAP: Final = "dcap"  # arg: cents, base 36, "" asks; typed
DISARM: Final = "disa"
DEPOSIT: Final = "dep"
WITHDRAW: Final = "wdrw"
WITHDRAW_ADDRESS: Final = "wadr"  # typed: an address to add
NOT_ME: Final = "notm"  # ref: W-…; somebody else added it
WITHDRAW_AMOUNT: Final = "wamt"  # ref: W-…; typed: the amount
WITHDRAW_AGAIN: Final = "wagn"  # ref: W-…; arg: the draft's name; typed: the amount once more
GO_LIVE: Final = "live"  # ref: A-…
GO_LIVE_NOW: Final = "liv2"  # ref: A-…; arg: when it was asked for; typed: the phrase
# S15, S15a, S16
SETTINGS: Final = "sett"
NOTICES: Final = "noti"  # arg: page
NOTICE: Final = "nkin"  # arg: the kind's number
NOTICE_SET: Final = "nset"  # arg: the kind's number, then on, digest, off, silent or loud by its first letter
QUIET: Final = "quie"  # arg: "" asks; typed: two hours
SUMMARY_AT: Final = "suma"  # arg: "" asks; typed: a time of day
QUICK_AMOUNTS: Final = "qamt"  # typed: up to four amounts
LANGUAGE: Final = "lang"
LANGUAGE_SET: Final = "lset"  # arg: the language
ZONE: Final = "zone"  # typed: a name of a zone
ZONE_SET: Final = "zset"  # arg: the number of a zone that is offered
WEB: Final = "web"
END_SESSION: Final = "ends"  # ref: the session's name
MY_DATA: Final = "mine"
DELETE_ME: Final = "delm"
DELETE_ME_NOW: Final = "deln"
STOP_ALL: Final = "stpa"  # arg: when the button was made, base 36
RESUME_ALL: Final = "resa"  # asks
RESUME_ALL_NOW: Final = "resn"
SELL_EVERYTHING: Final = "sele"  # lists and asks
SELL_EVERYTHING_NOW: Final = "selx"
# A1
ADMIN: Final = "adm"  # arg: stages, unknown, dead or skips by its first letter, "" the whole
ADMIN_STOP: Final = "adms"  # typed: the reason
# A button that stands while something is under way; arg and ref of what it stands for.
WORKING: Final = "wrk"
