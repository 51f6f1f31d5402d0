SELECT asked.allocation_id, asked.order_hash
FROM unnest(%(allocations)s::text[], %(hashes)s::text[]) AS asked (allocation_id, order_hash)
CROSS JOIN LATERAL (
    SELECT FROM copy_orders
    WHERE allocation_id = asked.allocation_id AND leader_order_hash = asked.order_hash
      AND taken_up AND leader_order_hash IS NOT NULL
    LIMIT 1) taken;
