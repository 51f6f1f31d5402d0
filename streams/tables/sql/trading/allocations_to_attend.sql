-- Allocations where something waits behind no open BUY, or that are closing and hold nothing.
SELECT c.allocation_id
  FROM copy_orders c
 WHERE c.state = 'waiting'
   AND NOT EXISTS (SELECT 1 FROM copy_orders b
                    WHERE b.allocation_id = c.allocation_id AND b.token_id = c.token_id AND b.side = 'BUY'
                      AND b.state IN ('planned', 'submitting', 'unknown'))
UNION
SELECT a.allocation_id
  FROM copy_trading_allocations a
 WHERE a.state = 'closing'
   AND NOT EXISTS (SELECT 1 FROM lots l WHERE l.allocation_id = a.allocation_id AND l.closed_at IS NULL)
   AND NOT EXISTS (SELECT 1 FROM copy_orders c WHERE c.allocation_id = a.allocation_id
                      AND c.state IN ('waiting', 'planned', 'submitting', 'unknown'))
 LIMIT %(most)s
