-- Allocations where something waits behind no open BUY (one not proven 10 s after its POST holds nothing back any more:
-- RULES §4 check 5, SAFETY R6), or that are closing and hold nothing.
SELECT c.allocation_id
  FROM copy_orders c
 WHERE c.state = 'waiting'
   AND NOT EXISTS (SELECT 1 FROM copy_orders b
                    WHERE b.allocation_id = c.allocation_id AND b.token_id = c.token_id AND b.side = 'BUY'
                      AND b.state IN ('planned', 'submitting', 'unknown')
                      AND NOT (b.state <> 'planned' AND EXISTS (
                          SELECT 1 FROM orders o WHERE o.copy_order_id = b.copy_order_id
                             AND o.posted_at < clock_timestamp() - interval '10 seconds')))
UNION
SELECT a.allocation_id
  FROM copy_trading_allocations a
 WHERE a.state = 'closing'
   AND NOT EXISTS (SELECT 1 FROM lots l WHERE l.allocation_id = a.allocation_id AND l.closed_at IS NULL)
   AND NOT EXISTS (SELECT 1 FROM copy_orders c WHERE c.allocation_id = a.allocation_id
                      AND c.state IN ('waiting', 'planned', 'submitting', 'unknown'))
   AND NOT EXISTS (SELECT 1 FROM exit_orders x WHERE x.allocation_id = a.allocation_id AND x.state IN ('planned', 'submitting'))
 LIMIT %(most)s
