-- Money held for BUYs whose end is not proven, per allocation and market.
SELECT account_id, allocation_id, market_id, sum(reserve_usdc)
FROM copy_orders
WHERE account_id = ANY(%(accounts)s::text[]) AND state IN ('waiting', 'planned', 'submitting', 'unknown')
  AND reserve_usdc IS NOT NULL
GROUP BY account_id, allocation_id, market_id;
