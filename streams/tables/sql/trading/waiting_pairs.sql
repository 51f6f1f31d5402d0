SELECT DISTINCT c.allocation_id, c.token_id
  FROM copy_orders c
 WHERE c.state = 'waiting'
   AND c.allocation_id = ANY(%(allocation_ids)s)
   AND NOT EXISTS (SELECT 1 FROM copy_orders b
                    WHERE b.allocation_id = c.allocation_id AND b.token_id = c.token_id AND b.side = 'BUY'
                      AND b.state IN ('planned', 'submitting', 'unknown'))
 ORDER BY c.allocation_id, c.token_id
