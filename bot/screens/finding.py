"""From the short name in a button back to what it names, where it is not the API's own name."""

from __future__ import annotations

from typing import Final

from bot.screens.drafts import read_draft
from bot.visit import Visit
from bot.wallet_names import wallet_name
from schemas.signal_views import SignalView
from schemas.views import AllocationView
from schemas.wallet_views import LeaderView

LISTED_MOST: Final = 100


async def wallet_of(visit: Visit, ref: str | None = None) -> str | None:
    """The address behind `L-…` or a signal's `S-…`. Remembered, or in the tapped message; after a restart it is looked
    for where it was shown: the begun draft, the followings, the suggested leaders."""
    name = visit.tap.ref if ref is None else ref
    if name.startswith("S-"):
        return (await visit.api.look(SignalView, f"/v1/signals/{name}")).wallet
    found = visit.wallets.wallet(name, hint=visit.hint)
    if found is not None:
        return found
    for wallet in await _shown_lately(visit):
        if wallet_name(wallet) == name:
            return visit.wallets.wallet(visit.wallets.of(wallet))
    return None


async def _shown_lately(visit: Visit) -> list[str]:
    draft = await read_draft(visit)
    begun = [] if draft is None else [str(draft.body.get("leader", ""))]
    followings = await visit.api.listed(AllocationView, "/v1/allocations", LISTED_MOST)
    leaders = await visit.api.listed(LeaderView, "/v1/leaders", LISTED_MOST)
    return [*begun, *[each.leader for each in followings], *[each.wallet for each in leaders]]
