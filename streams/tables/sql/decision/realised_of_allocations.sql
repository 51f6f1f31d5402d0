SELECT allocation_id, sum(realised_usdc) FROM lots
WHERE allocation_id = ANY(%(allocations)s::text[])
GROUP BY allocation_id;
