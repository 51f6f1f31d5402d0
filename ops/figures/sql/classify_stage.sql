-- Sorted messages: how many in the last `window` seconds (once per role), and from append to classified in the last minute;
-- beside it, from the trade itself to its append, which is another clock.
SELECT coalesce(sum((leader_number IS NOT NULL)::int + (smart_number IS NOT NULL)::int)
                FILTER (WHERE classified_at > now() - make_interval(secs => %(window)s)), 0)::bigint AS out_count,
       count(*) FILTER (WHERE leader_number IS NOT NULL
                          AND classified_at > now() - make_interval(secs => %(window)s))::bigint AS leader_count,
       count(*) FILTER (WHERE smart_number IS NOT NULL
                          AND classified_at > now() - make_interval(secs => %(window)s))::bigint AS smart_count,
       percentile_disc(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP
           (ORDER BY extract(epoch FROM classified_at - appended_at) * 1000) AS latency_ms,
       percentile_disc(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP
           (ORDER BY extract(epoch FROM appended_at - traded_at) * 1000) AS behind_ms
  FROM trades
 WHERE traded_at > now() - interval '10 minutes' AND classified_at > now() - interval '1 minute'
