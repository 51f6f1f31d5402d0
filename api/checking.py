"""Settings looked at before they are saved: allowed or not, what they say, what a person should know."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from pydantic import ValidationError

from api.database import Transaction
from api.problems import field_errors, not_found
from schemas import figures
from schemas.allocations import AllocationSettings
from schemas.requests import CheckedSettings
from schemas.rule_sentence import least_of_theirs, rule_sentence, warnings
from schemas.views import AllocationView, Checked


async def check(
    transaction: Transaction, user_id: str, asked: CheckedSettings, texts: Mapping[str, str]
) -> Checked:
    """What would be; saves nothing. 404 when the user has no account at the venue."""
    try:
        settings = AllocationSettings.model_validate(asked.settings)
    except ValidationError as error:
        return Checked(
            valid=False, errors=tuple(field_errors(error.errors(include_url=False), within="settings"))
        )
    standing = await transaction.row(
        "standing_with", user_id=user_id, venue=asked.venue, leader=asked.leader or ""
    )
    if standing is None:
        raise not_found("account at this venue")
    label = standing.pop("leader_label")
    name = label or (figures.short_wallet(asked.leader) if asked.leader else texts["rule.somebody"])
    value = standing.pop("leader_value_usdc")
    buys, too_small = await _small_buys(transaction, asked.leader, settings, value)
    return Checked(
        valid=True,
        warnings=warnings(
            texts,
            settings,
            leader=name,
            leader_value_known=None if asked.leader is None else bool(value),
            buys=buys,
            buys_too_small=too_small,
            **standing,
        ),
        sentence=rule_sentence(texts, settings, name, asked.venue),
        buys=buys,
        buys_too_small=too_small,
    )


async def _small_buys(
    transaction: Transaction, leader: str | None, settings: AllocationSettings, leader_value: Decimal | None
) -> tuple[int | None, int | None]:
    """How many buys of the leader are known, and how many of them would make too small a copy."""
    least = least_of_theirs(settings, leader_value)
    if leader is None or least is None:
        return None, None
    row = await transaction.row("leader_buys", leader=leader, least=least)
    assert row is not None, "a count always has a row"
    return row["buys"], row["too_small"]


def said(view: AllocationView, texts: Mapping[str, str]) -> AllocationView:
    """The following with its rule in words."""
    leader = view.leader_label or figures.short_wallet(view.leader)
    return view.model_copy(update={"sentence": rule_sentence(texts, view.settings, leader, view.venue)})
