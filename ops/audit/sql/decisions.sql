-- Decisions with what they read, as stored; those that still wait, or ended waiting, were never made.
SELECT c.copy_order_id, c.account_id, c.follower, c.venue, c.state, c.reason, c.reduced_by, c.amount_usdc, c.shares,
       c.limit_price, c.reserve_usdc, c.carried_usdc, c.inputs::text, c.checks::text,
       coalesce(h.settings, a.settings)::text AS settings, t.leader_message, m.market_id, m.category, m.question
  FROM copy_orders c
  JOIN trades t ON t.wallet = c.leader AND t.leader_number = c.number
  JOIN copy_trading_allocations a ON a.allocation_id = c.allocation_id
  LEFT JOIN allocation_history h ON h.allocation_id = c.allocation_id AND h.version = c.allocation_version
  LEFT JOIN markets m ON m.token_id = c.token_id
 WHERE c.decided_at >= %(since)s AND c.inputs -> 'now' IS NOT NULL
