UPDATE copy_trading_allocations a
SET state = 'ended', ended_at = clock_timestamp(), changed_at = clock_timestamp(), version = version + 1
WHERE a.allocation_id = ANY(%(allocations)s) AND a.state = 'closing'
  AND NOT EXISTS (SELECT FROM lots l WHERE l.allocation_id = a.allocation_id AND l.closed_at IS NULL)
  AND NOT EXISTS (SELECT FROM copy_orders c WHERE c.allocation_id = a.allocation_id
                  AND c.state IN ('waiting', 'planned', 'submitting', 'unknown'))
RETURNING allocation_id;
