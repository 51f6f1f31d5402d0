-- What each stage took in and gave out since a time, by the steps of the picture.
SELECT date_bin(make_interval(secs => %(step)s), m.at, %(since)s::timestamptz) AS at, m.stage,
       sum(m.taken)::bigint AS taken, sum(m.given)::bigint AS given
  FROM (SELECT t.classified_at AS at, 'classify' AS stage, 1 AS taken,
               (t.leader_number IS NOT NULL)::int + (t.smart_number IS NOT NULL)::int AS given
          FROM trades t
         WHERE t.classified_at >= %(since)s::timestamptz
        UNION ALL
        SELECT d.decided_at, 'copy_execution', 1, d.allocations
          FROM leader_decisions d
         WHERE d.decided_at >= %(since)s::timestamptz
        UNION ALL
        SELECT o.signed_at, 'trading', 1, (o.posted_at IS NOT NULL)::int
          FROM orders o
         WHERE o.signed_at >= %(since)s::timestamptz
        UNION ALL
        SELECT s.decided_at, 'recommend', 1, (s.result = 'new')::int
          FROM smart_decisions s
         WHERE s.decided_at >= %(since)s::timestamptz) m
 GROUP BY 1, 2
 ORDER BY 1, 2
