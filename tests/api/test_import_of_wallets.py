"""An imported list through the API: watched as said, told with what the list says, twice without a change."""

from __future__ import annotations

from ops.wallets.posting import put_on_watch
from tests.api.conftest import LEADER, OTHER, TOKEN, Ask, Face


async def test_an_import_has_wallets_watched_and_changes_nothing_the_second_time(
    face: Face, ask: Ask
) -> None:
    """New ones are counted apart from known ones; a bad one is refused with the API's words, its neighbours taken."""
    settings = {"POLYCOOL_OPERATOR_TOKEN": TOKEN, "POLYCOOL_API_URL": str(face.http.base_url)}
    await face.post("/v1/watched-addresses", {"wallet": OTHER, "roles": ["copy_leader"]})
    bodies: list[dict[str, object]] = [
        {"wallet": LEADER, "roles": ["smart_trader"], "win_rate": "0.61", "markets": 204, "score": "8.5",
         "result_usdc": "-12.5"},
        {"wallet": OTHER, "roles": ["smart_trader"]},
        {"wallet": "0x" + "1" * 40, "roles": ["smart_trader"], "win_rate": "1.5"},
    ]  # fmt: skip

    posted = await put_on_watch(settings, bodies)

    assert (posted.new, posted.known, [row["wallet"] for row in posted.refused]) == (1, 1, ["0x" + "1" * 40])
    held = await ask("SELECT wallet, role FROM wallet_roles WHERE to_at IS NULL ORDER BY 1, 2")
    assert [(row["wallet"], row["role"]) for row in held] == [
        (LEADER, "smart_trader"), (OTHER, "copy_leader"), (OTHER, "smart_trader"),
    ]  # fmt: skip
    said = "SELECT win_rate, imported_markets, imported_result_usdc, imported_at, updated_at FROM watched_addresses"
    before = await ask(f"{said} ORDER BY wallet")
    outbox = await ask("SELECT count(*) AS rows FROM outbox")
    assert (before[0]["imported_markets"], before[0]["imported_at"] is not None) == (204, True)

    again = await put_on_watch(settings, bodies[:2])

    assert (again.new, again.known) == (0, 2)
    assert await ask(f"{said} ORDER BY wallet") == before
    assert await ask("SELECT count(*) AS rows FROM outbox") == outbox
