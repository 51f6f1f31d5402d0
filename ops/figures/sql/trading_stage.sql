-- Orders: planned and posted in the last `window` seconds, the oldest plan still to be sent, and from append to the
-- first POST in the last minute.
SELECT count(*) FILTER (WHERE o.signed_at > now() - make_interval(secs => %(window)s))::bigint AS in_count,
       count(*) FILTER (WHERE o.posted_at > now() - make_interval(secs => %(window)s))::bigint AS out_count,
       percentile_disc(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP
           (ORDER BY extract(epoch FROM o.posted_at - c.appended_at) * 1000) FILTER (WHERE o.attempt = 1) AS latency_ms,
       (SELECT extract(epoch FROM now() - min(p.decided_at)) FROM copy_orders p WHERE p.state = 'planned') AS lag_seconds
  FROM copy_orders c
  JOIN orders o USING (copy_order_id)
 WHERE c.decided_at > now() - interval '1 minute'
