DELETE FROM carried c
USING unnest(%(allocations)s::text[], %(tokens)s::text[]) AS dropped (allocation_id, token_id)
WHERE c.allocation_id = dropped.allocation_id AND c.token_id = dropped.token_id
  AND c.allocation_id = ANY(%(allocations)s::text[]);
