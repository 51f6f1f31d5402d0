-- Orders signed in the last minute: signed and posted in the last `window` seconds, from append to the first POST, and
-- the age of the oldest plan that is still to be sent.
SELECT count(*) FILTER (WHERE o.signed_at > now() - make_interval(secs => %(window)s))::bigint AS in_count,
       count(*) FILTER (WHERE o.posted_at > now() - make_interval(secs => %(window)s))::bigint AS out_count,
       percentile_disc(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP
           (ORDER BY extract(epoch FROM o.posted_at - c.appended_at) * 1000) FILTER (WHERE o.attempt = 1) AS latency_ms,
       (SELECT extract(epoch FROM now() - min(p.decided_at)) FROM copy_orders p WHERE p.state = 'planned') AS lag_seconds
  FROM orders o
  JOIN copy_orders c USING (copy_order_id)
 WHERE o.signed_at > now() - interval '1 minute'
