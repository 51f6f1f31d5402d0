-- Copy orders whose trade reached us since a time, by the steps of the picture, by state and reason as they are now.
SELECT date_bin(make_interval(secs => %(step)s), c.appended_at, %(since)s::timestamptz) AS at, c.state, c.reason,
       count(*) AS copies
  FROM copy_orders c
 WHERE c.appended_at >= %(since)s::timestamptz
 GROUP BY 1, 2, 3
 ORDER BY 1, 2, 3
