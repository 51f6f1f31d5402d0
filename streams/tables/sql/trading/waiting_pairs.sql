SELECT DISTINCT c.allocation_id, c.token_id
  FROM copy_orders c
 WHERE c.state = 'waiting'
   AND c.allocation_id = ANY(%(allocation_ids)s)
   AND NOT EXISTS (SELECT 1 FROM copy_orders b
                    WHERE b.allocation_id = c.allocation_id AND b.token_id = c.token_id AND b.side = 'BUY'
                      AND b.state IN ('planned', 'submitting', 'unknown')
                      AND NOT (b.state <> 'planned' AND EXISTS (
                          SELECT 1 FROM orders o WHERE o.copy_order_id = b.copy_order_id
                             AND o.posted_at < clock_timestamp() - interval '10 seconds')))
 ORDER BY c.allocation_id, c.token_id
