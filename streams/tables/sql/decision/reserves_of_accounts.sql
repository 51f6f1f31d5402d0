SELECT account_id, sum(reserve_usdc)
FROM copy_orders
WHERE account_id = ANY(%(accounts)s) AND state IN ('waiting', 'planned', 'submitting', 'unknown')
  AND reserve_usdc IS NOT NULL
GROUP BY account_id;
