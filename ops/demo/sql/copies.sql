-- All copy orders by state and reason.
SELECT state, reason, count(*)::bigint AS copies FROM copy_orders GROUP BY state, reason
