-- Copy orders decided in the last minute, by state.
SELECT state, count(*)::bigint AS copies
  FROM copy_orders
 WHERE decided_at > now() - interval '1 minute'
 GROUP BY state
