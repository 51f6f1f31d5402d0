-- What counts against the live day cap, copied or by hand: the reserve while open, the cost once ended.
SELECT account_id, sum(usdc)
FROM (
SELECT a.account_id, spent.usdc
FROM copy_trading_allocations a
CROSS JOIN LATERAL (
    SELECT sum(CASE WHEN ended_at IS NULL THEN reserve_usdc ELSE filled_usdc + fee_usdc
                    - CASE WHEN reversed THEN (SELECT coalesce(sum(r.cash_usdc), 0) FROM reversals r
                                                WHERE r.copy_order_id = copy_orders.copy_order_id) ELSE 0 END END) AS usdc
    FROM copy_orders
    WHERE allocation_id = a.allocation_id AND decided_at >= %(day)s::timestamptz
      AND taken_up AND side = 'BUY' AND reserve_usdc IS NOT NULL) spent
WHERE a.account_id = ANY(%(accounts)s::text[]) AND spent.usdc IS NOT NULL
UNION ALL
SELECT account_id, CASE WHEN ended_at IS NULL THEN reserve_usdc ELSE filled_usdc + fee_usdc END
FROM manual_orders
WHERE account_id = ANY(%(accounts)s::text[]) AND side = 'BUY' AND decided_at >= %(day)s::timestamptz
  AND reserve_usdc IS NOT NULL) spent
GROUP BY account_id;
