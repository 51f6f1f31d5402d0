SELECT o.order_hash, o.copy_order_id, o.manual_order_id, a.user_id, o.account_id, o.venue, o.side, o.token_id,
       o.amount_usdc, o.shares, o.posts, o.looks, o.looked_at, o.cause, o.words, o.signed_at, o.last_posted_at,
       round(extract(epoch FROM clock_timestamp() - coalesce(o.posted_at, o.signed_at)), 3) AS age_seconds
  FROM orders o
  JOIN accounts a ON a.account_id = o.account_id
 WHERE o.state = 'unknown'
   AND (%(at)s::timestamptz IS NULL OR (o.signed_at, o.order_hash) < (%(at)s::timestamptz, %(id)s::text))
 ORDER BY o.signed_at DESC, o.order_hash DESC
 LIMIT %(rows)s
