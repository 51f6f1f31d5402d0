-- Decided copy orders: how many in the last `window` seconds, and from append to decided in the last 15 s.
SELECT count(*) FILTER (WHERE decided_at > now() - make_interval(secs => %(window)s))::bigint AS out_count,
       count(*) FILTER (WHERE state = 'waiting')::bigint AS waiting,
       percentile_disc(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP
           (ORDER BY extract(epoch FROM (times->>'decided')::timestamptz - appended_at) * 1000) AS latency_ms
  FROM copy_orders
 WHERE decided_at > now() - interval '15 seconds'
