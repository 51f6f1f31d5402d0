"""Wallets as people look at them before they follow: facts, what is not known, and how one comes to be watched.

Looking at a wallet that nobody watches has it watched from then on (UX N2), so many new ones a day for each user.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from api import watching
from api.actor import UserActor
from api.contracts_of_exchange import CONTRACTS
from api.database import Transaction
from api.doors import Doors
from schemas.enums import AddressType
from schemas.me_views import TokenScope
from schemas.wallet_views import CategoryShare, LeaderView, Unknown, WalletView, WinRateView
from schemas.win_rate import least_rate, rate

SEEN: Final = "seen"
IMPORTED: Final = "imported"
# From so many markets of our own on, what a list once said of the wallet is not looked at any more.
ENOUGH_MARKETS: Final = 20
UNKNOWN_CATEGORY: Final = "unknown"
_MAIN_PERCENT: Final = Decimal(25)


async def look_at(
    transaction: Transaction, asking: UserActor, wallet: str, doors: Doors, multiplier: Decimal | None
) -> WalletView:
    """The wallet's facts. Not watched yet: it is from now on, and the answer says ``loading``."""
    row = await transaction.row("wallet", wallet=wallet, user_id=asking.user_id)
    assert row is not None, "a wallet asked for always has a row"
    # What may only read makes us watch nothing.
    refused = not row["roles"] and (
        asking.rights is TokenScope.READ or not await _begin_to_watch(transaction, asking, wallet, doors)
    )
    if not row["roles"] and not refused:
        row["roles"] = [AddressType.COPY_LEADER]
    if multiplier is not None:
        counted = await transaction.row(
            "buys_reaching", wallet=wallet, multiplier=multiplier, days=row["days"]
        )
        assert counted is not None, "a count always has a row"
        # Both of this moment: the facts may be older than the newest buys.
        row["buys"], row["buys_over_minimum"] = counted["buys"], counted["reaching"]
    return wallet_view(row, doors.texts, refused_after=doors.settings.looks_a_day if refused else None)


def wallet_view(row: dict[str, Any], texts: Mapping[str, str], *, refused_after: int | None) -> WalletView:
    """A row as a view. ``refused_after``: the user has had so many wallets watched today already."""
    computed = row.pop("computed_at")
    won = {name: row.pop(name) for name in ("won_markets", "win_rate", "imported_markets")}
    loading = computed is None and refused_after is None
    shown = row | {
        "loading": loading,
        "categories": tuple(
            CategoryShare(category=name, percent=Decimal(percent)) for name, percent in row["categories"]
        ),
        "win_rate": win_rate_of(
            row["result_markets"], won["won_markets"], won["win_rate"], won["imported_markets"]
        ),
    }
    shown["unknown"] = tuple(_unknown(shown, texts, refused_after))
    return WalletView.model_validate(shown)


def win_rate_of(
    markets: int | None, won: int | None, imported: Decimal | None, imported_markets: int | None
) -> WinRateView | None:
    """Of the markets we saw end; of the list it was imported from only while that knows more markets than we do. A list
    that does not say of how many makes nothing sure."""
    ours, theirs = markets or 0, imported_markets or 0
    needed = ENOUGH_MARKETS if imported_markets is None else min(imported_markets, ENOUGH_MARKETS)
    if ours and (imported is None or ours >= needed):
        share = rate(won or 0, ours)
        return WinRateView(rate=share, least=least_rate(share, ours), ended=ours, source=SEEN)
    if imported is not None:
        return WinRateView(rate=imported, least=least_rate(imported, theirs), ended=theirs, source=IMPORTED)
    return None


def leader_view(row: dict[str, Any]) -> LeaderView:
    """A suggested leader; neither followers nor their money are in it (SAFETY R34)."""
    kinds = tuple(
        name
        for name, percent in row["categories"]
        if Decimal(percent) >= _MAIN_PERCENT and name != UNKNOWN_CATEGORY
    )
    return LeaderView.model_validate(
        {name: value for name, value in row.items() if name != "rank"} | {"categories": kinds}
    )


async def _begin_to_watch(transaction: Transaction, asking: UserActor, wallet: str, doors: Doors) -> bool:
    """Whether the wallet is watched from now on."""
    looks = await transaction.row("looks_of_day", user_id=asking.user_id)
    assert looks is not None, "a count always has a row"
    if wallet in CONTRACTS or looks["looks"] >= doors.settings.looks_a_day:
        return False
    await transaction.run("keep_look", user_id=asking.user_id, wallet=wallet)
    held = await watching.hold(transaction, wallet, add=True)
    await watching.set_roles(transaction, held, held.since.keys() | {AddressType.COPY_LEADER})
    return True


def _unknown(shown: Mapping[str, Any], texts: Mapping[str, str], refused_after: int | None) -> list[Unknown]:
    """What is not known, and why; most of a wallet's facts need time."""
    if refused_after is not None:
        words = texts["unknown.not_watched"].format(wallets=refused_after)
        return [Unknown(field="history", why=words)]
    if shown["loading"]:
        return [Unknown(field="history", why=texts["unknown.loading"])]
    since = shown["seen_since"]
    if since is None:
        found = [Unknown(field="history", why=texts["unknown.no_trade"])]
    else:
        day = f"{since.day} {since:%b}"
        found = [Unknown(field="history", why=texts["unknown.history"].format(day=day))]
    for field, missing in (
        ("result", shown["result_usdc"]), ("win_rate", shown["win_rate"]), ("value", shown["value_usdc"]),
    ):  # fmt: skip
        if missing is None and (since is not None or field == "value"):
            found.append(Unknown(field=field, why=texts[f"unknown.{field}"]))
    return found
