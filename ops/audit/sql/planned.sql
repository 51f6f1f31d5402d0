-- Every copy order that was planned at once, with what it read and the settings in force.
SELECT c.copy_order_id, c.venue, c.side, c.amount_usdc, c.shares, c.limit_price, c.reserve_usdc, c.traded_at, c.appended_at,
       t.price, c.inputs::text, coalesce(h.settings, a.settings)::text AS settings
  FROM copy_orders c
  JOIN trades t ON t.wallet = c.leader AND t.leader_number = c.number
  JOIN copy_trading_allocations a ON a.allocation_id = c.allocation_id
  LEFT JOIN allocation_history h ON h.allocation_id = c.allocation_id AND h.version = c.allocation_version
 WHERE c.decided_at >= %(since)s AND c.inputs -> 'now' IS NOT NULL AND c.limit_price IS NOT NULL
   AND (c.amount_usdc IS NOT NULL OR c.shares IS NOT NULL)
