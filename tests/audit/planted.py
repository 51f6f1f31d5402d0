"""What is broken on purpose in a copy of a healthy run's database: one violation for each thing the audit looks for."""

from __future__ import annotations

A_BUY = "(SELECT copy_order_id FROM copy_orders WHERE side = 'BUY' AND state = 'filled' ORDER BY 1 LIMIT 1)"
A_SELL = "(SELECT copy_order_id FROM copy_orders WHERE side = 'SELL' AND state = 'filled' ORDER BY 1 LIMIT 1)"
ITS_ORDER = f"(SELECT order_hash FROM orders WHERE copy_order_id = {A_BUY})"
AN_ACCOUNT = "(SELECT account_id FROM accounts WHERE state = 'ready' ORDER BY 1 LIMIT 1)"
AN_OPEN_LOT = "(SELECT lot_id FROM lots WHERE closed_at IS NULL ORDER BY 1 LIMIT 1)"

# The check that must find it, and what is done to the tables (guards are off, as for a fault below our code).
PLANTED = {
    "filled beyond the decision": (
        "once",
        f"UPDATE copy_orders SET filled_usdc = amount_usdc + 0.000001 WHERE copy_order_id = {A_BUY}",
    ),
    "filled beyond the order": (
        "once",
        f"UPDATE paper.orders SET matched_usdc = maker_amount + 1 WHERE order_id = {ITS_ORDER}",
    ),
    "orders together beyond": (
        "once",
        f"UPDATE orders SET filled_usdc = 10000 WHERE order_hash = {ITS_ORDER}",
    ),
    "an exit order beyond its shares": (
        "once",
        f"""INSERT INTO exit_orders (exit_order_id, cause_kind, cause_ref, copy_order_id, allocation_id, account_id,
                   user_id, venue, token_id, shares, limit_price, state, cause, filled_shares, ended_at)
            SELECT 'X-0000000', 'reversed_sale', 'a fill', copy_order_id, allocation_id, account_id, user_id, venue,
                   token_id, 1, 0.5, 'filled', 'planted', 1.000001, now()
              FROM copy_orders WHERE copy_order_id = {A_SELL}""",
    ),
    "an order we do not know": ("once", f"DELETE FROM orders WHERE order_hash = {ITS_ORDER}"),
    "one fill under two names": (
        "once",
        """INSERT INTO trades SELECT wallet, trade_id || 'x', kind, 'former', side, token_id, size, price, usdc,
                  tx_hash, order_hash, traded_at, appended_at, classified_at, content
             FROM trades WHERE tx_hash IS NOT NULL LIMIT 1""",
    ),
    "no answer": ("answered", f"DELETE FROM copy_orders WHERE copy_order_id = {A_BUY}"),
    "never decided": (
        "answered",
        """WITH gone AS (DELETE FROM leader_decisions
                          WHERE (leader, number) IN (SELECT leader, number FROM leader_decisions LIMIT 1)
                         RETURNING leader, number)
           UPDATE trades t SET classified_at = classified_at - interval '1 hour' FROM gone
            WHERE t.wallet = gone.leader AND t.leader_number = gone.number""",
    ),
    "open for too long": (
        "answered",
        f"""UPDATE copy_orders SET state = 'planned', ended_at = NULL, decided_at = decided_at - interval '1 hour'
             WHERE copy_order_id = {A_BUY}""",
    ),
    "two ends": (
        "answered",
        f"""INSERT INTO copy_order_transitions (copy_order_id, from_state, to_state, cause)
            VALUES ({A_BUY}, 'submitting', 'unfilled', 'planted')""",
    ),
    "a gap in the numbers": (
        "answered",
        """DELETE FROM trades WHERE (wallet, leader_number) IN
                  (SELECT wallet, leader_number FROM trades WHERE leader_number = 3 LIMIT 1)""",
    ),
    "no leader at that time": (
        "roles",
        "UPDATE wallet_roles SET to_at = from_at WHERE role = 'copy_leader'",
    ),
    "sold more than bought": (
        "limits",
        f"UPDATE copy_orders SET filled_shares = filled_shares + 1000 WHERE copy_order_id = {A_SELL}",
    ),
    "reserved beyond the cash": (
        "limits",
        f"UPDATE accounts SET cash_usdc = -0.000001 WHERE account_id = {AN_ACCOUNT}",
    ),
    "cost beyond its reserve": (
        "limits",
        f"UPDATE copy_orders SET reserve_usdc = filled_usdc / 2 WHERE copy_order_id = {A_BUY}",
    ),
    "a worse price than the limit": (
        "limits",
        f"UPDATE fills SET price = 0.999 WHERE order_hash = {ITS_ORDER}",
    ),
    "posted past its age": (
        "no old news",
        f"UPDATE copy_orders SET deadline = decided_at - interval '1 s' WHERE copy_order_id = {A_BUY}",
    ),
    "one place under two names": (
        "once",
        """INSERT INTO trades SELECT wallet, 'again-' || substring(trade_id FROM '-([0-9]+)$'), kind, source, side,
                  token_id, size, price, usdc, tx_hash, order_hash, traded_at, appended_at, classified_at, content
             FROM trades WHERE tx_hash IS NOT NULL AND trade_id ~ '-[0-9]+$' LIMIT 1""",
    ),
    "fills beyond the order of their hash": (
        "once",
        f"UPDATE fills SET usdc = 10000 WHERE order_hash = {ITS_ORDER}",
    ),
    "a lot opened after the leader sold": (
        "no old news",
        f"""UPDATE copy_orders
               SET inputs = jsonb_set(inputs::jsonb, '{{lot,5}}', to_jsonb(now() + interval '1 day'))::json
             WHERE copy_order_id = {A_SELL}""",
    ),
    "live by a door that is not trusted": (
        "no old news",
        f"""WITH c AS (UPDATE copy_orders SET venue = 'polymarket' WHERE copy_order_id = {A_BUY}
                       RETURNING leader, number)
            UPDATE trades t SET source = 'file' FROM c WHERE t.wallet = c.leader AND t.leader_number = c.number""",
    ),
    "another order before the first was proven": (
        "unknown",
        f"""INSERT INTO orders SELECT (o).* FROM (SELECT jsonb_populate_record(o, jsonb_build_object(
                   'order_hash', '0xplanted', 'attempt', o.attempt + 1,
                   'signed_at', o.signed_at - interval '1 hour')) AS o
              FROM orders o WHERE o.copy_order_id = {A_SELL} ORDER BY o.attempt DESC LIMIT 1) made""",
    ),
    "unknown for ever": (
        "unknown",
        f"""INSERT INTO order_transitions (order_hash, from_state, to_state, cause, at)
            VALUES ({ITS_ORDER}, 'submitting', 'unknown', 'planted', now() - interval '1 hour')""",
    ),
    "cash unlike the venue's": (
        "money",
        f"UPDATE accounts SET cash_usdc = cash_usdc + 0.000001 WHERE account_id = {AN_ACCOUNT}",
    ),
    "cash unlike its entries": (
        "money",
        f"""UPDATE cash_entries SET usdc = usdc + 0.000001
             WHERE account_id = {AN_ACCOUNT} AND cause = 'credit'""",
    ),
    "a lot unlike its entries": (
        "money",
        f"UPDATE lots SET realised_usdc = realised_usdc + 0.000001 WHERE lot_id = {AN_OPEN_LOT}",
    ),
    "shares unlike the venue's": (
        "money",
        f"""WITH l AS (UPDATE lots SET shares = shares + 1 WHERE lot_id = {AN_OPEN_LOT} RETURNING lot_id)
            UPDATE lot_entries e SET shares = e.shares + 1 FROM l
             WHERE e.entry_id = (SELECT min(entry_id) FROM lot_entries WHERE lot_id = l.lot_id)""",
    ),
    "money from nowhere at the venue": (
        "money",
        """UPDATE paper.balances SET amount = amount + 1
            WHERE asset = 'USDC' AND party = (SELECT min(party) FROM paper.balances)""",
    ),
}
