-- What its BUYs of the day count: the reserve while open, the cost once ended.
SELECT asked.allocation_id, spent.usdc
FROM unnest(%(allocations)s::text[]) AS asked (allocation_id)
CROSS JOIN LATERAL (
    SELECT sum(CASE WHEN ended_at IS NULL THEN reserve_usdc ELSE filled_usdc + fee_usdc
                    - CASE WHEN reversed THEN (SELECT coalesce(sum(r.cash_usdc), 0) FROM reversals r
                                                WHERE r.copy_order_id = copy_orders.copy_order_id) ELSE 0 END END) AS usdc
    FROM copy_orders
    WHERE allocation_id = asked.allocation_id AND decided_at >= %(day)s::timestamptz
      AND taken_up AND side = 'BUY' AND reserve_usdc IS NOT NULL) spent
WHERE spent.usdc IS NOT NULL;
