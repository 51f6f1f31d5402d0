-- Per following of these accounts: what is held for BUYs whose end is not proven (per market), and what all lots cost
-- and brought (by hand, and withdrawals not proven ended: without an allocation).
SELECT account_id, allocation_id, market_id, sum(reserve_usdc), 0, 0
FROM copy_orders
WHERE account_id = ANY(%(accounts)s::text[]) AND state IN ('waiting', 'planned', 'submitting', 'unknown')
  AND reserve_usdc IS NOT NULL
GROUP BY account_id, allocation_id, market_id
UNION ALL
SELECT account_id, '', NULL, sum(reserve_usdc), 0, 0
FROM manual_orders
WHERE account_id = ANY(%(accounts)s::text[]) AND state IN ('waiting', 'planned', 'submitting', 'unknown')
  AND reserve_usdc IS NOT NULL
GROUP BY account_id
UNION ALL
SELECT account_id, '', NULL, usdc, 0, 0
FROM withdrawals
WHERE account_id = ANY(%(accounts)s::text[]) AND ended_at IS NULL
UNION ALL
SELECT account_id, allocation_id, NULL, NULL, cost_usdc, realised_usdc
FROM lot_totals
WHERE account_id = ANY(%(accounts)s::text[]);
