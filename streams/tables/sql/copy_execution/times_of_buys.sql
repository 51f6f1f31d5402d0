-- When each leader's BUYs within these times happened, in order.
SELECT asked.leader,
       ARRAY(SELECT traded_at FROM (
                 SELECT d.traded_at FROM leader_decisions d
                  WHERE d.leader = asked.leader AND d.kind = 'trade' AND d.side = 'BUY'
                    AND d.traded_at > asked.since AND d.traded_at <= asked.until
                 UNION ALL
                 SELECT f.traded_at FROM flooded_buys f
                  WHERE f.leader = asked.leader AND f.traded_at > asked.since AND f.traded_at <= asked.until) buys
              ORDER BY traded_at)
FROM unnest(%(leaders)s::text[], %(since)s::timestamptz[], %(until)s::timestamptz[]) AS asked (leader, since, until);
