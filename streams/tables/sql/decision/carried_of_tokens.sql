SELECT c.allocation_id, c.token_id, c.usdc, c.since
FROM unnest(%(allocations)s::text[], %(tokens)s::text[]) AS asked (allocation_id, token_id)
JOIN carried c ON c.allocation_id = asked.allocation_id AND c.token_id = asked.token_id;
