-- Signals whose hour or day is over and which have no grade of it, with what is known of the price. Who was away for
-- longer than a week finds no price any more.
SELECT s.signal_id, s.wallet, h.horizon, s.last_at + h.after, s.average_price, coalesce(m.fee_rate, 0), p.bid, p.seen_at,
       m.payout, m.resolved_at, clock_timestamp()
  FROM (VALUES ('1h', interval '1 hour'), ('24h', interval '24 hours')) h(horizon, after)
  JOIN smart_signals s ON s.last_at <= clock_timestamp() - h.after
                      AND s.last_at > clock_timestamp() - h.after - interval '7 days'
  LEFT JOIN markets m ON m.token_id = s.token_id
  LEFT JOIN LATERAL (SELECT t.bid, t.seen_at FROM token_prices t
                      WHERE t.token_id = s.token_id AND t.venue IN ('paper', 'polymarket') AND t.bid IS NOT NULL
                        AND t.seen_at > clock_timestamp() - interval '60 seconds'
                      ORDER BY t.venue = 'polymarket' DESC LIMIT 1) p ON true
 WHERE NOT EXISTS (SELECT FROM signal_grades g WHERE g.signal_id = s.signal_id AND g.horizon = h.horizon)
 ORDER BY s.last_at
 LIMIT %(most)s
