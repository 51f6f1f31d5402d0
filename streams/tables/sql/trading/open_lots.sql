SELECT l.lot_id, l.allocation_id, l.account_id, l.user_id, l.token_id, l.market_id, l.shares, l.cost_usdc, l.target_shares,
       l.adds, l.realised_usdc, l.fees_usdc, l.applied_number, l.opened_traded_at, l.tick, l.fee_rate, l.neg_risk,
       l.exchange_version,
       EXTRACT(epoch FROM clock_timestamp() - (SELECT max(e.booked_at) FROM lot_entries e
                                                WHERE e.lot_id = l.lot_id AND e.cause = 'buy'))::float8 AS bought_seconds_ago
  FROM lots l
  JOIN (SELECT * FROM unnest(%(allocation_ids)s::text[], %(token_ids)s::text[]) AS asked (allocation_id, token_id)
        UNION
        SELECT c.allocation_id, o.token_id FROM orders o JOIN copy_orders c ON c.copy_order_id = o.copy_order_id
         WHERE o.order_hash = ANY(%(order_hashes)s)
        UNION
        SELECT x.allocation_id, o.token_id FROM orders o JOIN exit_orders x ON x.exit_order_id = o.exit_order_id
         WHERE o.order_hash = ANY(%(order_hashes)s)) w
    ON w.allocation_id = l.allocation_id AND w.token_id = l.token_id
 WHERE l.closed_at IS NULL
 ORDER BY l.lot_id
   FOR UPDATE OF l
