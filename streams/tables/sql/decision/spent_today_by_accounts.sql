-- What counts against the live day cap: the reserve while open, the cost once ended.
SELECT a.account_id, sum(CASE WHEN c.ended_at IS NULL THEN c.reserve_usdc ELSE c.filled_usdc + c.fee_usdc END)
FROM copy_trading_allocations a
JOIN copy_orders c ON c.allocation_id = a.allocation_id
 AND c.decided_at >= %(day)s::timestamptz
WHERE a.account_id = ANY(%(accounts)s::text[]) AND c.taken_up AND c.side = 'BUY' AND c.reserve_usdc IS NOT NULL
GROUP BY a.account_id;
