-- How many BUYs of each leader happened within these times, as far as the limit is concerned.
SELECT asked.leader,
       (SELECT count(*) FROM (SELECT FROM leader_decisions d
                               WHERE d.leader = asked.leader AND d.kind = 'trade' AND d.side = 'BUY'
                                 AND d.traded_at > asked.since AND d.traded_at <= asked.until
                               LIMIT %(most)s::integer) decided)
     + (SELECT count(*) FROM (SELECT FROM flooded_buys f
                               WHERE f.leader = asked.leader AND f.traded_at > asked.since AND f.traded_at <= asked.until
                               LIMIT %(most)s::integer) noted)
FROM unnest(%(leaders)s::text[], %(since)s::timestamptz[], %(until)s::timestamptz[]) AS asked (leader, since, until);
