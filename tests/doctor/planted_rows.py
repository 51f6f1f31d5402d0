"""Rows that are put where they must not be, for the doctor to find."""

from __future__ import annotations

WALLET = "0x" + "ab" * 20
ACCOUNT = """INSERT INTO users (user_id, label) VALUES ('U-0000001', 'Ann');
    INSERT INTO accounts (account_id, user_id, venue, state, wallet, opened_at, armed_at, day_cap_usdc)
    VALUES ('M-0000001', 'U-0000001', '{venue}', '{state}', '{wallet}', now() - interval '5 minutes', {armed})"""
KEY = """INSERT INTO wallet_keys (account_id, user_id, wallet, version, provider, wrapped_data_key, sealed_key,
        sealed_api)
    VALUES ('M-0000001', 'U-0000001', '{owner}', 1, '{provider}', '', '', '')"""
PAPER = ACCOUNT.format(venue="paper", state="ready", wallet=WALLET, armed="NULL, NULL")
LIVE = ACCOUNT.format(venue="polymarket", state="ready", wallet=WALLET, armed="now(), 10")
OWN_KEY = KEY.format(owner=WALLET, provider="local")
ORDER = """INSERT INTO orders (order_hash, account_id, venue, token_id, side, attempt, order_type, limit_price, body,
        worker_epoch, state, cause, amount_usdc, signed_at)
    VALUES ('0xff', 'M-0000001', 'paper', '7', 'BUY', 1, 'FAK', 0.5, '', 1, 'unknown', '', 1, now())"""

SKIPPED = """allocation_id, allocation_version, user_id, account_id, leader, number, venue, side, token_id, state,
    reason, cause, traded_at, appended_at, times"""
SKIPPED_AS = "'a', 1, 'u', 'm', 'l', 1, 'paper', 'BUY', '7', 'skipped', 'BUDGET', '', now(), now(), '{}'"
