SELECT asked.allocation_id, asked.token_id, asked.burst_started_at
FROM unnest(%(allocations)s::text[], %(tokens)s::text[], %(bursts)s::timestamptz[])
     AS asked (allocation_id, token_id, burst_started_at)
CROSS JOIN LATERAL (
    SELECT FROM copy_orders
    WHERE allocation_id = asked.allocation_id AND token_id = asked.token_id
      AND burst_started_at = asked.burst_started_at AND taken_up
    LIMIT 1) taken;
