"""The objects of the rights matrix as rows: one of each kind for a user, and what is common to all."""

from __future__ import annotations

import json
from typing import Final

from tests.api.conftest import LEADER, SETTINGS

_QUOTE: Final = (
    "INSERT INTO quotes (quote_id, user_id, account_id, venue, side, token_id, amount_usdc, answered_at, limit_price,"
    " expires_at) VALUES (%({name})s, %(user)s, %(account)s, 'paper', 'BUY', '7', 5, now(), 0.5,"
    " now() + interval '1 hour')"
)
_SETTINGS: Final = json.dumps(SETTINGS)
MADE: Final = (
    "INSERT INTO copy_orders (copy_order_id, trade_id, allocation_id, allocation_version, user_id, account_id, leader,"
    " number, venue, side, token_id, state, reason, cause, traded_at, appended_at, decided_at, times, ended_at) VALUES"
    " (%(copy)s, %(copy)s, %(allocation)s, 1, %(user)s, %(account)s, %(leader)s, 1, 'paper', 'BUY', '7', 'skipped',"
    " 'PAUSED', 'x', now(), now(), now(), '{}', now())",
    "INSERT INTO lots (allocation_id, account_id, user_id, token_id, market_id, shares, cost_usdc, target_shares,"
    " opened_traded_at, tick, fee_rate, neg_risk, exchange_version) VALUES (%(allocation)s, %(account)s, %(user)s, '7',"
    " 'm', 5, 1, 1, now(), 0.01, 0, false, 2)",
    _QUOTE.format(name="quote"),
    _QUOTE.format(name="used"),
    "INSERT INTO manual_orders (manual_order_id, quote_id, user_id, account_id, venue, side, token_id, amount_usdc,"
    " limit_price, deadline) VALUES (%(order)s, %(used)s, %(user)s, %(account)s, 'paper', 'BUY', '7', 5, 0.5, now())",
    "INSERT INTO withdrawal_addresses (address_id, user_id, address) VALUES (%(address)s, %(user)s, %(to)s)",
    "INSERT INTO what_ifs (what_if_id, kind, user_id, leader, venue, days, settings)"
    " VALUES (%(what_if)s, 'what_if', %(user)s, %(leader)s, 'paper', 7, '" + _SETTINGS + "')",
    "INSERT INTO web_sessions VALUES (sha256(%(session)s::text::bytea), %(session)s, %(user)s, now(), 'infinity')",
    "INSERT INTO notifications (user_id, kind, event, body) VALUES (%(user)s, 'x', 'y', '{}')",
)
COMMON_ROWS: Final = (
    "INSERT INTO dead_letters VALUES (0, 1, 'trades', 2, 3, 'k', 'UNREADABLE', 'no JSON', 'classify', 2, 'x', 'x',"
    " now(), now(), now())",
    "INSERT INTO dead_letter_plans VALUES ('P-0000001', '{}', '{}', 0, 'x')",
    "INSERT INTO shadow.runs (run, kind, plan, manifest, total) VALUES ('a-run', 'replay', 'P-1',"
    """ '{"code": "c", "topic": "trades", "offsets": {}, "choice": {}}', 1)""",
    "INSERT INTO dead_letter_redrives (redrive_id, plan_id, pace, letters, asked_by, state, ended_at)"
    " VALUES ('R-0000001', 'P-0000001', 'one', '{}', 'x', 'done', now())",
    "INSERT INTO markets (token_id, version, market_id, question, outcome, tick, min_buy_usdc, min_rest_shares,"
    " fee_rate, neg_risk, exchange_version, closed) VALUES ('7', 1, 'm', 'Q', 'Yes', 0.01, 1, 5, 0, false, 2, false)",
    f"INSERT INTO smart_signals VALUES ('S-0000001', '{LEADER}', '7', now(), 500, 1000, 0.5, 1, now(), now(), true)",
)
