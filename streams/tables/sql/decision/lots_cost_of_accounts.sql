SELECT account_id, sum(cost_usdc) FROM lots
WHERE account_id = ANY(%(accounts)s::text[]) AND closed_at IS NULL
GROUP BY account_id;
