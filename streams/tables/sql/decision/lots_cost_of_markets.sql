SELECT allocation_id, market_id, sum(cost_usdc) FROM lots
WHERE allocation_id = ANY(%(allocations)s::text[]) AND market_id = ANY(%(markets)s::text[]) AND closed_at IS NULL
GROUP BY allocation_id, market_id;
