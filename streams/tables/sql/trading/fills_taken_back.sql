-- Booked fills that were not taken back yet, with the lot and the entry that booked them, and what is open of the lot's
-- pair now. Locked with their orders.
SELECT f.fill_id, f.order_hash, f.account_id, f.side, f.token_id, f.shares, f.usdc, f.fee_usdc, h.user_id AS account_user,
       o.venue, o.attempt, c.copy_order_id, c.allocation_id, c.number, c.limit_price, c.state AS copy_state,
       x.exit_order_id, x.copy_order_id AS like_copy_order_id, x.allocation_id AS exit_allocation_id,
       x.limit_price AS exit_limit_price, COALESCE(a.state, 'ended') AS allocation_state, COALESCE(m.closed, false) AS closed,
       COALESCE(e.lot_id, latest.lot_id) AS lot_id, e.shares AS entry_shares, e.cost_usdc AS entry_cost_usdc, e.realised_usdc AS entry_realised_usdc,
       e.fee_usdc AS entry_fee_usdc
  FROM fills f
  JOIN orders o ON o.order_hash = f.order_hash
  JOIN accounts h ON h.account_id = f.account_id
  LEFT JOIN copy_orders c ON c.copy_order_id = o.copy_order_id
  LEFT JOIN exit_orders x ON x.exit_order_id = o.exit_order_id
  LEFT JOIN copy_trading_allocations a ON a.allocation_id = COALESCE(c.allocation_id, x.allocation_id)
  LEFT JOIN markets m ON m.token_id = f.token_id
  LEFT JOIN LATERAL (SELECT n.lot_id, n.shares, n.cost_usdc, n.realised_usdc, n.fee_usdc FROM lot_entries n
                      WHERE n.cause = lower(f.side) AND n.ref = f.fill_id ORDER BY n.entry_id LIMIT 1) e ON true
  LEFT JOIN LATERAL (SELECT l.lot_id FROM lots l
                      WHERE l.allocation_id = COALESCE(c.allocation_id, x.allocation_id) AND l.token_id = f.token_id
                      ORDER BY l.lot_id DESC LIMIT 1) latest ON true
 WHERE f.fill_id = ANY(%(fill_ids)s) AND f.status <> 'FAILED'
 ORDER BY f.fill_id
   FOR UPDATE OF f, o
