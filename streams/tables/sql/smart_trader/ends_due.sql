-- Signals whose market is resolved and which have no grade of their end.
SELECT s.signal_id, s.wallet, 'end', coalesce(m.resolved_at, m.seen_at), s.average_price, m.fee_rate, NULL::numeric,
       NULL::timestamptz, m.payout, coalesce(m.resolved_at, m.seen_at), clock_timestamp()
  FROM smart_signals s
  JOIN markets m ON m.token_id = s.token_id
 WHERE m.payout IS NOT NULL
   AND NOT EXISTS (SELECT FROM signal_grades g WHERE g.signal_id = s.signal_id AND g.horizon = 'end')
 ORDER BY s.last_at
 LIMIT %(most)s
