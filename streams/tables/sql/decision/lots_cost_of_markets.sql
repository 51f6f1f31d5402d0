SELECT asked.allocation_id, asked.market_id, held.usdc
FROM unnest(%(allocations)s::text[], %(markets)s::text[]) AS asked (allocation_id, market_id)
CROSS JOIN LATERAL (
    SELECT sum(l.cost_usdc) AS usdc FROM lots l
    WHERE l.allocation_id = asked.allocation_id AND l.market_id = asked.market_id
      AND l.closed_at IS NULL AND l.allocation_id IS NOT NULL) held
WHERE held.usdc IS NOT NULL;
