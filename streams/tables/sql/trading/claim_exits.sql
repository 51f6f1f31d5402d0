-- Exit orders that are due, as plans; a later attempt only where the book was looked at, under `halt` none.
SELECT x.exit_order_id AS copy_order_id, x.account_id, x.allocation_id, x.venue, 'SELL' AS side, x.token_id,
       NULL::numeric AS amount_usdc, LEAST(x.shares - x.filled_shares, COALESCE(l.shares, 0)) AS shares_left,
       x.limit_price, x.attempts, x.decided_at, NULL::timestamptz AS deadline, COALESCE(m.tick, l.tick) AS tick,
       COALESCE(m.neg_risk, l.neg_risk) AS neg_risk, COALESCE(m.exchange_version, l.exchange_version) AS exchange_version,
       COALESCE(m.version, 0) AS market_version,
       COALESCE(former.attempt, 0) AS former_attempt, former.limit_price AS former_limit,
       CASE WHEN former.attempt IS NOT NULL THEN t.price END AS leader_price,
       CASE WHEN former.attempt IS NOT NULL THEN a.settings END AS settings
  FROM exit_orders x
  JOIN accounts holder ON holder.account_id = x.account_id AND holder.state = 'ready'
  JOIN copy_orders c ON c.copy_order_id = x.copy_order_id
  LEFT JOIN markets m ON m.token_id = x.token_id
  LEFT JOIN lots l ON l.allocation_id = x.allocation_id AND l.token_id = x.token_id AND l.closed_at IS NULL
  LEFT JOIN LATERAL (SELECT o.attempt, o.limit_price FROM orders o
                      WHERE o.exit_order_id = x.exit_order_id ORDER BY o.attempt DESC LIMIT 1) former ON true
  LEFT JOIN trades t ON former.attempt IS NOT NULL AND t.wallet = c.leader AND t.trade_id = c.trade_id
  LEFT JOIN copy_trading_allocations a ON a.allocation_id = x.allocation_id
 WHERE x.state = 'planned'
   AND (x.next_attempt_at IS NULL OR x.next_attempt_at <= clock_timestamp())
   AND x.venue = ANY(%(venues)s)
   AND NOT EXISTS (SELECT 1 FROM switches WHERE name = 'halt' AND stopped)
   AND (former.attempt IS NULL OR x.token_id = ANY(%(looked_at)s))
 ORDER BY x.decided_at, x.exit_order_id
 LIMIT %(most)s
   FOR UPDATE OF x SKIP LOCKED
