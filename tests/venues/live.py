"""Live followers on a small ground: the paper exchange stands in for the real host, its relayer and stream too."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from streams.venues.wallets import DEPOSIT_WALLET, EOA
from tests.copy_execution.world import MARKET, TOKEN
from tests.paper.exchange import Trader
from tests.trading.ground import LEADER, Ground
from tests.waiting import eventually

OTHER = "42970893626658586257478179041912736108567636717200297964038152698855061141000"
ADDRESS = "0x" + "0e" * 20


def live_settings(ground: Ground, **changes: object) -> dict[str, Any]:
    """What makes the exchange of this ground the real one."""
    return {
        "polymarket_url": ground.exchange.url,
        "relayer_url": ground.exchange.url,
        "geoblock_url": f"{ground.exchange.url}/api/geoblock",
        "relayer_api_key": "the relayer's key of the tests",
        "relayer_api_key_address": ADDRESS,
        "redeem_look_seconds": 0.1,
        "redeem_again_seconds": 0.5,
        "redeem_patience_seconds": 20.0,
        "sweep_seconds": 0.1,
    } | changes


def allow_live(ground: Ground, stopped: bool = False) -> None:
    """The operators' switch."""
    ground.world.run(
        "UPDATE switches SET stopped = %s, changed_at = '-infinity' WHERE name = 'live'", stopped
    )


async def tell_market(ground: Ground, **changes: object) -> None:
    """Both outcomes of the market, as the real exchange knows them by itself, and its book."""
    facts = {"market_id": MARKET, "tick": "0.01", "fee_rate": "0.05", "question": "Rain?", **changes}
    tokens = [
        {"token_id": token, "outcome": name, **facts} for token, name in ((TOKEN, "Yes"), (OTHER, "No"))
    ]
    await ground.exchange.admin("PUT", "markets", {"tokens": tokens})
    # Somebody buys near the limit: a live BUY looks for that (SAFETY R2).
    book = {
        "token_id": TOKEN,
        "bids": [{"price": "0.49", "size": "100000"}],
        "asks": [{"price": "0.50", "size": "100000"}],
    }
    await ground.exchange.admin("PUT", "books", {"books": [book]})


async def live_follower(
    ground: Ground, name: str = "live", usdc: str = "1000", *, cap: str | None = "100", **settings: Any
) -> str:
    """A user with an armed live account that holds so much, and a live following; its allocation."""
    account_id = ground.world.account(name, "0", venue="polymarket", state="opening")
    await eventually(lambda: account(ground, account_id)["state"] == "ready", 30)
    row = account(ground, account_id)
    owner = ground.world.rows("SELECT wallet FROM wallet_keys WHERE account_id = %s", account_id)[0]["wallet"]
    changes = (
        {} if row["signature_type"] == EOA else {"owner": owner, "signature_type": row["signature_type"]}
    )
    await ground.exchange.open_account(Trader("", row["wallet"]), usdc, **changes)
    ground.world.run("UPDATE accounts SET cash_usdc = %s WHERE account_id = %s", usdc, account_id)
    ground.world.run(
        "INSERT INTO cash_entries (account_id, cause, ref, usdc) VALUES (%s, 'credit', %s, %s)",
        account_id, f"deposit-{name}", usdc,
    )  # fmt: skip
    if cap is not None:
        ground.world.run(
            "UPDATE accounts SET armed_at = now(), day_cap_usdc = %s WHERE account_id = %s", cap, account_id
        )
    return ground.world.follow(account_id, LEADER, **settings)


def account(ground: Ground, account_id: str) -> dict[str, Any]:
    """The account's row."""
    return ground.world.rows("SELECT * FROM accounts WHERE account_id = %s", account_id)[0]


async def resolve(ground: Ground, payout: str, *, at_the_exchange: bool = True) -> None:
    """The market ends: the chain pays who redeems, and our tables hear of it."""
    if at_the_exchange:
        payouts = {TOKEN: payout, OTHER: str(1 - Decimal(payout))}
        await ground.exchange.admin(
            "POST", "resolve", {"market_id": MARKET, "payouts": payouts, "redeem": True}
        )
    ground.world.run(
        "UPDATE markets SET closed = true, payout = %s, resolved_at = now(), version = version + 1", payout
    )


def redemptions(ground: Ground) -> list[dict[str, Any]]:
    """All redemptions, first signed first."""
    return ground.world.rows("SELECT * FROM redemptions ORDER BY signed_at")


KINDS = (1, 2, DEPOSIT_WALLET)


OUTSIDE = "0x" + "6b" * 20
"""An address of the user's that is no account of the exchange."""


def withdrawal_address(
    ground: Ground, *, aged: bool = True, address: str = OUTSIDE, name: str = "W-0000001", user: str = "live"
) -> str:
    """An own address, added more than a day ago unless it is young."""
    ground.world.run(
        "INSERT INTO withdrawal_addresses (address_id, user_id, address) VALUES (%s, %s, %s)"
        " ON CONFLICT DO NOTHING", name, user, address,
    )  # fmt: skip
    if aged:
        age_address(ground, name)
    return name


def age_address(ground: Ground, name: str) -> None:
    """The address becomes a day older, past the guard that keeps anybody from saying so."""
    ground.world.run("ALTER TABLE withdrawal_addresses DISABLE TRIGGER withdrawal_addresses_guard")
    ground.world.run(
        "UPDATE withdrawal_addresses SET added_at = added_at - interval '25 hours' WHERE address_id = %s",
        name,
    )
    ground.world.run("ALTER TABLE withdrawal_addresses ENABLE TRIGGER withdrawal_addresses_guard")


def ask_withdrawal(
    ground: Ground, usdc: str, *, name: str = "D-0000001", address_id: str | None = None, user: str = "live"
) -> None:
    """A withdrawal as the API asks for it, to an own address."""
    ground.world.run(
        "INSERT INTO withdrawals (withdrawal_id, user_id, account_id, address_id, address, usdc)"
        " SELECT %s, user_id, %s, address_id, address, %s FROM withdrawal_addresses WHERE address_id = %s",
        name, f"{user}-polymarket", usdc, address_id or withdrawal_address(ground, user=user),
    )  # fmt: skip


def withdrawals(ground: Ground) -> list[dict[str, Any]]:
    """All withdrawals, first asked for first."""
    return ground.world.rows("SELECT * FROM withdrawals ORDER BY asked_at")
