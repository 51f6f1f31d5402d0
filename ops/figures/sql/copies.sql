-- All copy orders by state and reason.
SELECT state, reason, count(*)::bigint AS copies, count(*) FILTER (WHERE reversed)::bigint AS reversed
  FROM copy_orders
 GROUP BY state, reason
