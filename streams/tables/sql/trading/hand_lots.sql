-- The open lots that these orders by hand may touch, locked: the leader's lot they sell of, or the account's own position.
SELECT l.lot_id, l.allocation_id, l.account_id, l.user_id, l.token_id, l.market_id, l.shares, l.cost_usdc, l.target_shares,
       l.adds, l.realised_usdc, l.fees_usdc, l.applied_number, l.opened_traded_at, l.tick, l.fee_rate, l.neg_risk,
       l.exchange_version,
       EXTRACT(epoch FROM clock_timestamp() - (SELECT max(e.booked_at) FROM lot_entries e
                                                WHERE e.lot_id = l.lot_id AND e.cause = 'buy'))::float8 AS bought_seconds_ago
  FROM lots l
 WHERE l.closed_at IS NULL
   AND l.lot_id IN (SELECT n.lot_id FROM orders o
                      JOIN manual_orders h ON h.manual_order_id = o.manual_order_id
                      JOIN lots n ON n.account_id = h.account_id AND n.token_id = h.token_id AND n.closed_at IS NULL
                       AND n.allocation_id IS NOT DISTINCT FROM h.allocation_id
                     WHERE o.order_hash = ANY(%(order_hashes)s))
 ORDER BY l.lot_id
   FOR UPDATE OF l
