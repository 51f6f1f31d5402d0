SELECT allocation_id, sum(CASE WHEN ended_at IS NULL THEN reserve_usdc ELSE filled_usdc + fee_usdc END)
FROM copy_orders
WHERE allocation_id = ANY(%(allocations)s::text[]) AND taken_up AND side = 'BUY' AND reserve_usdc IS NOT NULL
  AND decided_at >= %(day)s::timestamptz
GROUP BY allocation_id;
