-- How copy orders ended, and why.
SELECT state, coalesce(reason, '') AS reason, count(*)::bigint AS copies FROM copy_orders GROUP BY 1, 2 ORDER BY 1, 2
