-- Orders by hand that are due, as plans; under `halt` no SELL goes.
SELECT h.manual_order_id AS copy_order_id, h.account_id, COALESCE(h.allocation_id, '') AS allocation_id, h.venue, h.side, h.token_id,
       h.amount_usdc,
       CASE WHEN h.side = 'SELL' THEN LEAST(h.shares - h.filled_shares, COALESCE(l.shares, 0)) END AS shares_left,
       h.limit_price, h.attempts, h.decided_at, CASE WHEN h.side = 'BUY' THEN h.deadline END AS deadline,
       COALESCE(m.tick, l.tick) AS tick, COALESCE(m.neg_risk, l.neg_risk) AS neg_risk,
       COALESCE(m.exchange_version, l.exchange_version) AS exchange_version, COALESCE(m.version, 0) AS market_version,
       COALESCE(former.attempt, 0) AS former_attempt, former.limit_price AS former_limit, NULL::numeric AS leader_price,
       NULL::jsonb AS settings
  FROM manual_orders h
  JOIN accounts holder ON holder.account_id = h.account_id AND holder.state = 'ready'
  LEFT JOIN markets m ON m.token_id = h.token_id
  LEFT JOIN lots l ON l.lot_id = h.lot_id AND l.closed_at IS NULL
  LEFT JOIN LATERAL (SELECT o.attempt, o.limit_price FROM orders o
                      WHERE o.manual_order_id = h.manual_order_id ORDER BY o.attempt DESC LIMIT 1) former ON true
 WHERE h.state = 'planned'
   AND (h.next_attempt_at IS NULL OR h.next_attempt_at <= clock_timestamp())
   AND h.venue = ANY(%(venues)s)
   AND (h.side = 'BUY' OR NOT EXISTS (SELECT 1 FROM switches WHERE name = 'halt' AND stopped))
 ORDER BY (h.side = 'BUY'), h.decided_at, h.manual_order_id
 LIMIT %(most)s
   FOR UPDATE OF h SKIP LOCKED
