SELECT DISTINCT c.allocation_id, c.token_id, c.burst_started_at
FROM unnest(%(allocations)s::text[], %(tokens)s::text[], %(bursts)s::timestamptz[])
     AS asked (allocation_id, token_id, burst_started_at)
JOIN copy_orders c ON c.allocation_id = asked.allocation_id AND c.token_id = asked.token_id
 AND c.burst_started_at = asked.burst_started_at
WHERE c.taken_up;
