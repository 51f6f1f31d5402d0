SELECT asked.allocation_id, asked.token_id, c.usdc, c.since
FROM unnest(%(allocations)s::text[], %(tokens)s::text[]) AS asked (allocation_id, token_id)
CROSS JOIN LATERAL (
    SELECT usdc, since FROM carried
    WHERE allocation_id = asked.allocation_id AND token_id = asked.token_id
    LIMIT 1) c;
