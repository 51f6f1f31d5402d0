SELECT c.inputs, c.checks, c.times, c.cause, c.reserve_usdc, coalesce(h.settings, a.settings) AS settings,
       t.kind, t.source, t.size, t.price, t.usdc, t.tx_hash, t.classified_at
  FROM copy_orders c
  JOIN copy_trading_allocations a ON a.allocation_id = c.allocation_id
  LEFT JOIN allocation_history h ON h.allocation_id = c.allocation_id AND h.version = c.allocation_version
  LEFT JOIN trades t ON t.wallet = c.leader AND t.trade_id = c.trade_id
 WHERE c.copy_order_id = %(copy_order_id)s
