-- What a person should know before anything else: buying stopped by the operators, how late the latest trades reached
-- us (the middle one of at most twenty of the last ten minutes), and how many of their orders are being checked.
SELECT s.stopped,
       s.note,
       CASE WHEN isfinite(s.changed_at) THEN s.changed_at END AS changed_at,
       (SELECT extract(epoch FROM percentile_disc(0.5) WITHIN GROUP (ORDER BY latest.appended_at - latest.traded_at))
          FROM (SELECT t.appended_at, t.traded_at
                  FROM trades AS t
                 WHERE t.traded_at > clock_timestamp() - interval '10 minutes'
                 ORDER BY t.traded_at DESC
                 LIMIT 20) AS latest) AS lag_seconds,
       (SELECT count(*)
          FROM copy_orders AS c
          JOIN accounts AS a ON a.account_id = c.account_id
         WHERE a.user_id = %(user_id)s AND c.state = 'unknown') AS checking
  FROM switches AS s
 WHERE s.name = 'buys'
