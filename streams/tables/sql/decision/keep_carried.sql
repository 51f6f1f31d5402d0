INSERT INTO carried (allocation_id, token_id, usdc, since)
SELECT * FROM unnest(%(allocations)s::text[], %(tokens)s::text[], %(usdc)s::numeric[], %(since)s::timestamptz[])
ON CONFLICT (allocation_id, token_id) DO UPDATE SET usdc = excluded.usdc, since = excluded.since;
