SELECT c.state, count(*) AS copies
  FROM copy_orders c
 WHERE c.appended_at > now() - interval '1 hour'
 GROUP BY c.state
