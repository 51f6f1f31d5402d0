-- Prices that will be needed: of signals an hour or a day old, a minute before, and of fresh ones, which people filter
-- by how far the price has moved. A market that is over needs none.
INSERT INTO price_wishes AS w (venue, token_id)
SELECT v.venue, n.token_id
  FROM (SELECT s.token_id
          FROM smart_signals s
          JOIN markets m ON m.token_id = s.token_id
         WHERE m.payout IS NULL
           AND ((s.last_at > clock_timestamp() - interval '80 minutes')
                OR (s.last_at <= clock_timestamp() - interval '23 hours 59 minutes'
                    AND s.last_at > clock_timestamp() - interval '26 hours'
                    AND NOT EXISTS (SELECT FROM signal_grades g WHERE g.signal_id = s.signal_id AND g.horizon = '24h')))
         GROUP BY s.token_id
         ORDER BY max(s.last_at) DESC
         LIMIT %(most)s) n
 CROSS JOIN (VALUES ('paper'), ('polymarket')) v(venue)
 ORDER BY v.venue, n.token_id
    ON CONFLICT (venue, token_id) DO UPDATE SET wished_at = excluded.wished_at
 WHERE w.wished_at < clock_timestamp() - interval '20 seconds'
