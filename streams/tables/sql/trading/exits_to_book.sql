-- Orders of exit orders, in the form of those of copy orders (orders_to_book): the SELL they are like gives leader,
-- number and trade.
SELECT o.order_hash, o.state AS order_state, o.proven_at IS NOT NULL AS proven, o.attempt, o.token_id, o.side, o.account_id,
       x.exit_order_id AS copy_order_id, c.trade_id, x.allocation_id, x.user_id, c.follower, c.leader, x.venue, c.number,
       c.traded_at, c.market_id, x.state AS copy_state, NULL::numeric AS amount_usdc, x.shares, x.attempts, x.filled_shares,
       x.filled_usdc, x.fee_usdc, x.realised_usdc,
       COALESCE((a.settings ->> 'exit_attempts_max')::integer, %(attempts_max)s) AS attempts_max,
       COALESCE(a.state, 'ended') AS allocation_state,
       m.market_id AS known_market_id, m.tick, m.fee_rate, m.neg_risk, m.exchange_version,
       x.copy_order_id AS like_copy_order_id, x.cause_kind
  FROM orders o
  JOIN exit_orders x ON x.exit_order_id = o.exit_order_id
  JOIN copy_orders c ON c.copy_order_id = x.copy_order_id
  LEFT JOIN copy_trading_allocations a ON a.allocation_id = x.allocation_id
  LEFT JOIN markets m ON m.token_id = o.token_id
 WHERE o.order_hash = ANY(%(order_hashes)s)
 ORDER BY c.number, x.exit_order_id, o.attempt
   FOR UPDATE OF o, x
