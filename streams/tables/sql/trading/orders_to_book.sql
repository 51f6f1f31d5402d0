SELECT o.order_hash, o.state AS order_state, o.proven_at IS NOT NULL AS proven, o.attempt, o.token_id, o.side, o.account_id,
       c.copy_order_id, c.trade_id, c.allocation_id, c.user_id, c.follower, c.leader, c.venue, c.number, c.traded_at,
       c.market_id, c.state AS copy_state, c.amount_usdc, c.shares, c.attempts, c.filled_shares, c.filled_usdc, c.fee_usdc,
       c.realised_usdc, COALESCE((a.settings ->> 'exit_attempts_max')::integer, %(attempts_max)s) AS attempts_max,
       COALESCE(a.state, 'ended') AS allocation_state,
       m.market_id AS known_market_id, m.tick, m.fee_rate, m.neg_risk, m.exchange_version
  FROM orders o
  JOIN copy_orders c ON c.copy_order_id = o.copy_order_id
  LEFT JOIN copy_trading_allocations a ON a.allocation_id = c.allocation_id
  LEFT JOIN markets m ON m.token_id = o.token_id
 WHERE o.order_hash = ANY(%(order_hashes)s)
 ORDER BY c.number, c.copy_order_id, o.attempt
   FOR UPDATE OF o, c
