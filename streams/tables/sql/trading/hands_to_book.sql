-- Orders by hand, in the form of those of copy orders (orders_to_book). A position by hand goes by its account.
SELECT o.order_hash, o.state AS order_state, o.proven_at IS NOT NULL AS proven, o.attempt, o.token_id, o.side, o.account_id,
       h.manual_order_id AS copy_order_id, h.quote_id AS trade_id,
       COALESCE(h.allocation_id, 'by hand ' || h.account_id) AS allocation_id, h.user_id, NULL::text AS follower,
       '' AS leader, h.venue, 0::bigint AS number, h.decided_at AS traded_at, NULL::text AS market_id,
       h.state AS copy_state, h.amount_usdc, h.shares, h.attempts, h.filled_shares, h.filled_usdc, h.fee_usdc,
       h.realised_usdc, 1 AS attempts_max, 'active' AS allocation_state, m.market_id AS known_market_id, m.tick, m.fee_rate,
       m.neg_risk, m.exchange_version
  FROM orders o
  JOIN manual_orders h ON h.manual_order_id = o.manual_order_id
  LEFT JOIN markets m ON m.token_id = o.token_id
 WHERE o.order_hash = ANY(%(order_hashes)s)
 ORDER BY h.asked_at, h.manual_order_id, o.attempt
   FOR UPDATE OF o, h
