SELECT allocation_id FROM copy_trading_allocations
WHERE state = 'closing' AND (%(allocations)s::text[] IS NULL OR allocation_id = ANY(%(allocations)s))
ORDER BY allocation_id
FOR NO KEY UPDATE;
