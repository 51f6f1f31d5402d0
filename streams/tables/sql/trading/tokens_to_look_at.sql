SELECT DISTINCT c.venue, c.token_id
  FROM copy_orders c
 WHERE c.state = 'planned' AND c.next_attempt_at <= clock_timestamp() AND c.venue = ANY(%(venues)s)
   AND EXISTS (SELECT 1 FROM orders o WHERE o.copy_order_id = c.copy_order_id)
 LIMIT %(most)s
