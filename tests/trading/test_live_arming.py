"""Live money is looked at, armed with a cap, and disarmed by one tap, at the API with trading behind it (UX S14a)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.api.conftest import Face
from tests.paper.exchange import Trader
from tests.trading.conftest import MakeGround
from tests.trading.ground import Ground
from tests.venues.live import allow_live, live_settings
from tests.waiting import eventually

LIVE = "/v1/me/accounts/polymarket"


async def checked(face: Face, user: str) -> dict[str, bool | None]:
    """What each check says."""
    answer = await face.post(f"{LIVE}/check", user=user)
    assert answer.status_code == 200, answer.text
    return {check["name"]: check["passed"] for check in answer.json()["checks"]}


async def set_up(ground: Ground, face: Face, usdc: str = "100") -> str:
    """A user whose checks all pass: wallet deployed, money arrived and booked."""
    user = await face.new_user("Alice")
    await checked(face, user)
    await eventually(lambda: live_account(ground)["state"] == "ready", 30)
    row = live_account(ground)
    owner = ground.world.rows("SELECT wallet FROM wallet_keys WHERE account_id = %s", row["account_id"])
    await ground.exchange.open_account(
        Trader("", row["wallet"]), usdc, owner=owner[0]["wallet"], signature_type=row["signature_type"]
    )
    found = await checked(face, user)
    assert set(found.values()) == {True}, found
    await eventually(lambda: live_account(ground)["cash_usdc"] == Decimal(usdc), 30)
    return user


def live_account(ground: Ground) -> dict[str, Any]:
    """The only live account's row."""
    return ground.world.rows("SELECT * FROM accounts WHERE venue = 'polymarket'")[0]


def notices(ground: Ground) -> list[str]:
    """Kinds of all notices, oldest first."""
    return [
        row["kind"] for row in ground.world.rows("SELECT kind FROM notifications ORDER BY notification_id")
    ]


async def test_r26_arming_needs_every_check_and_the_phrase(ground: Ground, face: Face) -> None:
    """The account is opened by the first check; each thing that fails is named, and nothing is armed meanwhile."""
    await ground.start(**live_settings(ground))
    user = await face.new_user("Alice")
    found = await checked(face, user)
    assert (found["operators"], found["region"], found["clock"]) == (False, True, True)
    assert found["money"] is not True
    refused = await face.post(f"{LIVE}/arm", {"phrase": "ARM LIVE", "day_cap_usdc": "50"}, user=user)
    assert refused.status_code == 409
    assert {"operators", "money"} <= {error["field"] for error in refused.json()["errors"]}
    wrong = await face.post(f"{LIVE}/arm", {"phrase": "arm live", "day_cap_usdc": "50"}, user=user)
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "phrase")
    assert live_account(ground)["armed_at"] is None


async def test_r26_armed_capped_and_disarmed(ground: Ground, face: Face) -> None:
    """All checks pass: armed at once with its cap, told; a lower cap counts at once, disarming is one tap."""
    await ground.start(**live_settings(ground))
    allow_live(ground)
    user = await set_up(ground, face)
    armed = await face.post(f"{LIVE}/arm", {"phrase": "ARM LIVE", "day_cap_usdc": "50"}, user=user)
    assert armed.status_code == 200, armed.text
    assert (armed.json()["day_cap_usdc"], armed.json()["next_day_cap_usdc"]) == ("50", None)
    again = await face.post(f"{LIVE}/arm", {"phrase": "ARM LIVE", "day_cap_usdc": "90"}, user=user)
    assert again.status_code == 409
    lower = await face.post(f"{LIVE}/day-cap", {"day_cap_usdc": "20"}, user=user)
    assert (lower.json()["day_cap_usdc"], lower.json()["next_day_cap_usdc"]) == ("20", None)
    off = await face.post(f"{LIVE}/disarm", user=user)
    assert (off.status_code, off.json()["armed_at"]) == (200, None)
    assert (await face.post(f"{LIVE}/disarm", user=user)).status_code == 200
    assert notices(ground)[-2:] == ["live_armed", "live_disarmed"]
    await ground.assert_books_agree()


async def test_r26_a_higher_cap_counts_an_hour_later_and_can_be_taken_back(
    ground: Ground, face: Face
) -> None:
    """Asked for, told, not in force; the cap in force takes it back; after its hour trading puts it in force. Arming
    anew with a higher cap is no way round."""
    await ground.start(**live_settings(ground))
    allow_live(ground)
    user = await set_up(ground, face)
    await face.post(f"{LIVE}/arm", {"phrase": "ARM LIVE", "day_cap_usdc": "20"}, user=user)
    raised = (await face.post(f"{LIVE}/day-cap", {"day_cap_usdc": "80"}, user=user)).json()
    assert (raised["day_cap_usdc"], raised["next_day_cap_usdc"]) == ("20", "80")
    assert notices(ground)[-1] == "day_cap_raised"
    back = (await face.post(f"{LIVE}/day-cap", {"day_cap_usdc": "20"}, user=user)).json()
    assert (back["day_cap_usdc"], back["next_day_cap_usdc"]) == ("20", None)
    await face.post(f"{LIVE}/disarm", user=user)
    anew = (await face.post(f"{LIVE}/arm", {"phrase": "ARM LIVE", "day_cap_usdc": "80"}, user=user)).json()
    assert (anew["day_cap_usdc"], anew["next_day_cap_usdc"]) == ("20", "80")
    ground.world.run("UPDATE accounts SET next_day_cap_from = now() WHERE venue = 'polymarket'")
    await eventually(lambda: live_account(ground)["day_cap_usdc"] == 80)
    assert live_account(ground)["next_day_cap_from"] is None


async def test_a_blocked_region_is_said_and_nobody_arms(make_ground: MakeGround, face: Face) -> None:
    """The exchange's own answer decides; no way round is offered."""
    ground = await make_ground(POLYCOOL_PAPER_REGION_BLOCKED="true")
    await ground.start(**live_settings(ground))
    allow_live(ground)
    user = await face.new_user("Alice")
    answer = (await face.post(f"{LIVE}/check", user=user)).json()
    [region] = [check for check in answer["checks"] if check["name"] == "region"]
    assert (region["passed"], region["mend"]) == (False, None)
    assert region["found"].startswith("Polymarket refuses orders from this server's region.")
    assert answer["ready"] is False


async def test_without_trading_every_fact_is_unknown_and_nobody_arms(ground: Ground, face: Face) -> None:
    """Nobody answers: said so, check by check; unknown is no."""
    allow_live(ground)
    user = await face.new_user("Alice")
    found = await checked(face, user)
    assert found.pop("operators") is True
    assert set(found.values()) == {None}
    refused = await face.post(f"{LIVE}/arm", {"phrase": "ARM LIVE", "day_cap_usdc": "50"}, user=user)
    assert refused.status_code == 409
