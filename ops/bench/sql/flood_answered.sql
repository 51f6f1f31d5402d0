SELECT count(*) AS copy_orders, count(*) FILTER (WHERE reason = 'LEADER_FLOOD') AS flooded
  FROM copy_orders
 WHERE leader = %(leader)s
