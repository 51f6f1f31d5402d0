-- Smart traders' messages looked at and signals made in the last `window` seconds, and from append to decided in the
-- last minute.
SELECT count(*) FILTER (WHERE d.decided_at > now() - make_interval(secs => %(window)s))::bigint AS in_count,
       count(*) FILTER (WHERE d.result = 'new'
                          AND d.decided_at > now() - make_interval(secs => %(window)s))::bigint AS out_count,
       percentile_disc(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP
           (ORDER BY extract(epoch FROM d.decided_at - t.appended_at) * 1000) AS latency_ms
  FROM smart_decisions d
  JOIN trades t ON t.wallet = d.wallet AND t.trade_id = d.trade_id
 WHERE d.traded_at > now() - interval '10 minutes' AND d.decided_at > now() - interval '1 minute'
