-- Buys that came too late are told once for each time we were behind: from so many within ten minutes, for as long as no
-- ten minutes pass without one. The notice is one row that grows with it.
WITH late AS (
    SELECT c.user_id, c.ended_at,
           c.ended_at - lag(c.ended_at) OVER (PARTITION BY c.user_id ORDER BY c.ended_at) > interval '10 minutes' AS apart
      FROM copy_orders c
     WHERE c.reason = 'TOO_OLD' AND c.side = 'BUY'
       AND c.ended_at > clock_timestamp() - make_interval(secs => %(seconds)s)
), runs AS (
    SELECT user_id, ended_at, count(*) FILTER (WHERE apart) OVER (PARTITION BY user_id ORDER BY ended_at) AS run FROM late
), spans AS (
    SELECT user_id, run, min(ended_at) AS since_at, max(ended_at) AS until_at, count(*) AS buys FROM runs
     GROUP BY user_id, run HAVING count(*) >= %(least)s
), told AS (
    SELECT DISTINCT ON (s.user_id, s.run) s.user_id, s.run, n.event, (n.body->>'since')::timestamptz AS since_at
      FROM spans s JOIN notifications n ON n.user_id = s.user_id AND n.kind = 'we_were_late'
       AND (n.body->>'until')::timestamptz >= s.since_at - interval '10 minutes'
       AND (n.body->>'since')::timestamptz <= s.until_at
     ORDER BY s.user_id, s.run, n.notification_id
), grown AS (
    SELECT s.user_id, coalesce(t.event, 'late:' || s.since_at) AS event, coalesce(t.since_at, s.since_at) AS since_at,
           s.until_at
      FROM spans s LEFT JOIN told t ON t.user_id = s.user_id AND t.run = s.run
     ORDER BY s.user_id, s.run LIMIT %(most)s
)
INSERT INTO notifications AS n (user_id, kind, event, body)
SELECT g.user_id, 'we_were_late', g.event,
       jsonb_build_object('since', g.since_at, 'until', g.until_at,
           'buys', (SELECT count(*) FROM copy_orders c WHERE c.user_id = g.user_id AND c.reason = 'TOO_OLD'
                       AND c.side = 'BUY' AND c.ended_at BETWEEN g.since_at AND g.until_at),
           'sells', (SELECT count(*) FROM copy_orders c WHERE c.user_id = g.user_id AND c.side = 'SELL'
                        AND c.state IN ('filled', 'partial') AND c.appended_at > g.since_at - interval '1 hour'
                        AND c.ended_at BETWEEN g.since_at AND g.until_at))
  FROM grown g
ON CONFLICT (user_id, kind, event) DO UPDATE SET body = excluded.body, revision = n.revision + 1
 WHERE n.body IS DISTINCT FROM excluded.body
