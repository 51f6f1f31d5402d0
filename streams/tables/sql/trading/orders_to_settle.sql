SELECT o.order_hash, o.account_id, o.venue, o.token_id, o.signed_at
  FROM orders o
 WHERE o.state = 'matched' AND o.proven_at < clock_timestamp() - %(after)s * interval '1 second'
   AND NOT (o.order_hash = ANY(%(seen)s))
 ORDER BY o.signed_at
 LIMIT %(most)s
