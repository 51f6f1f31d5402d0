-- What these bursts stand for, counted.
SELECT b.notification_id, a.venue, n.kind, count(*) AS n,
       sum(CASE WHEN c.side = 'BUY' THEN c.filled_usdc ELSE 0 END) AS usdc,
       sum(CASE WHEN n.kind = 'market_resolved' THEN (n.body->>'realised_usdc')::numeric ELSE 0 END) AS realised_usdc
  FROM notifications b
  JOIN notifications n ON n.merged_into = b.notification_id
  LEFT JOIN copy_orders c ON n.kind LIKE 'copy\_%%' AND c.copy_order_id = n.event
  LEFT JOIN copy_trading_allocations a ON a.allocation_id = coalesce(c.allocation_id, n.body->>'allocation_id')
 WHERE b.notification_id = ANY(%(notification_ids)s)
 GROUP BY b.notification_id, a.venue, n.kind
 ORDER BY b.notification_id, a.venue, n.kind
