-- SELLs first, then nearest deadline (SAFETY R7). A later attempt only where the book was looked at; under `halt` SELLs wait.
-- The next ones are picked and locked along the index before anything is joined: ten thousand that wait cost what one costs.
WITH next AS MATERIALIZED (
    SELECT c.copy_order_id
      FROM copy_orders c
     WHERE c.state = 'planned'
       AND (c.next_attempt_at IS NULL OR (c.next_attempt_at <= clock_timestamp() AND c.token_id = ANY(%(looked_at)s)))
       AND c.venue = ANY(%(venues)s)
       AND (c.side = 'BUY' OR NOT EXISTS (SELECT 1 FROM switches WHERE name = 'halt' AND stopped))
       AND (SELECT holder.state FROM accounts holder WHERE holder.account_id = c.account_id) = 'ready'
     ORDER BY (c.side = 'BUY'), c.deadline NULLS FIRST, c.copy_order_id
     LIMIT %(most)s
       FOR UPDATE OF c SKIP LOCKED
)
SELECT c.copy_order_id, c.account_id, c.allocation_id, c.venue, c.side, c.token_id, c.amount_usdc,
       LEAST(c.shares - c.filled_shares, COALESCE(l.shares, 0)) AS shares_left, c.limit_price, c.attempts, c.decided_at, c.deadline,
       COALESCE(m.tick, l.tick) AS tick, COALESCE(m.neg_risk, l.neg_risk) AS neg_risk,
       COALESCE(m.exchange_version, l.exchange_version) AS exchange_version, COALESCE(m.version, 0) AS market_version,
       COALESCE(former.attempt, 0) AS former_attempt, former.limit_price AS former_limit,
       t.price AS leader_price, CASE WHEN c.side = 'SELL' THEN a.settings END AS settings
  FROM next
  JOIN copy_orders c ON c.copy_order_id = next.copy_order_id
  LEFT JOIN markets m ON m.token_id = c.token_id
  LEFT JOIN lots l ON l.allocation_id = c.allocation_id AND l.token_id = c.token_id AND l.closed_at IS NULL
  LEFT JOIN LATERAL (SELECT o.attempt, o.limit_price FROM orders o
                      WHERE o.copy_order_id = c.copy_order_id ORDER BY o.attempt DESC LIMIT 1) former ON true
  LEFT JOIN trades t ON c.side = 'SELL' AND t.wallet = c.leader AND t.trade_id = c.trade_id
  LEFT JOIN copy_trading_allocations a ON a.allocation_id = c.allocation_id
 WHERE former.attempt IS NULL OR c.token_id = ANY(%(looked_at)s)
 ORDER BY (c.side = 'BUY'), c.deadline NULLS FIRST, c.copy_order_id
