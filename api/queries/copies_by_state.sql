SELECT state, reason, count(*) AS all_time,
       count(*) FILTER (WHERE appended_at > now() - interval '1 minute') AS last_minute
  FROM copy_orders
 GROUP BY state, reason
 ORDER BY all_time DESC, state, reason
