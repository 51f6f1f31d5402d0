SELECT e.copy_order_id
  FROM copy_orders c
  JOIN copy_orders e ON e.allocation_id = c.allocation_id AND e.token_id = c.token_id AND e.taken_up
   AND (e.burst_started_at = c.burst_started_at OR e.leader_order_hash = c.leader_order_hash)
 WHERE c.copy_order_id = %(copy_order_id)s AND e.copy_order_id <> c.copy_order_id
 ORDER BY e.number
 LIMIT 1
