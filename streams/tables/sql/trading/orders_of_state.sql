SELECT o.order_hash, o.copy_order_id, o.account_id, o.venue, o.side, o.token_id, o.body, o.state, o.signed_at,
       o.last_posted_at, o.posts, o.venue_trade_ids, COALESCE(c.deadline, h.deadline) AS deadline,
       EXTRACT(epoch FROM clock_timestamp() - COALESCE(o.last_posted_at, o.signed_at))::float8 AS seconds_since_post
  FROM orders o
  LEFT JOIN copy_orders c ON c.copy_order_id = o.copy_order_id
  LEFT JOIN manual_orders h ON h.manual_order_id = o.manual_order_id AND o.side = 'BUY'
 WHERE o.state = ANY(%(states)s)
   AND (o.state <> 'matched' OR o.proven_at IS NULL)
   AND (o.copy_order_id IS NOT NULL OR o.exit_order_id IS NOT NULL OR o.manual_order_id IS NOT NULL)
 ORDER BY (o.side = 'BUY'), COALESCE(c.deadline, h.deadline) NULLS FIRST, o.order_hash
