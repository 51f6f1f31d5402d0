SELECT DISTINCT c.allocation_id, c.leader_order_hash
FROM unnest(%(allocations)s::text[], %(hashes)s::text[]) AS asked (allocation_id, order_hash)
JOIN copy_orders c ON c.allocation_id = asked.allocation_id AND c.leader_order_hash = asked.order_hash
WHERE c.taken_up AND c.leader_order_hash IS NOT NULL;
