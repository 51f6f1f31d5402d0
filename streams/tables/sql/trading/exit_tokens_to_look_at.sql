SELECT DISTINCT x.venue, x.token_id
  FROM exit_orders x
 WHERE x.state = 'planned' AND x.next_attempt_at <= clock_timestamp() AND x.venue = ANY(%(venues)s)
   AND EXISTS (SELECT 1 FROM orders o WHERE o.exit_order_id = x.exit_order_id)
 LIMIT %(most)s
