-- The newest signals with what a person calls their parts.
SELECT s.signal_id, s.usdc, s.average_price, s.first_entry, s.last_at, s.fills, w.label AS trader, m.outcome, m.question
  FROM smart_signals s
  LEFT JOIN watched_addresses w USING (wallet)
  LEFT JOIN markets m USING (token_id)
 ORDER BY s.last_at DESC, s.signal_id
 LIMIT %(rows)s
