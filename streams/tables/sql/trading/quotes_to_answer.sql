-- Quotes that were just asked for, with their market as it is known; older ones nobody waits for any more.
SELECT q.quote_id, q.venue, q.side, q.token_id, q.amount_usdc, q.shares, COALESCE(m.tick, l.tick) AS tick,
       COALESCE(m.fee_rate, l.fee_rate) AS fee_rate, COALESCE(m.min_buy_usdc, 1) AS min_buy_usdc,
       COALESCE(m.closed, false) AS closed, COALESCE(m.version, 0) AS market_version
  FROM quotes q
  LEFT JOIN markets m ON m.token_id = q.token_id
  LEFT JOIN lots l ON l.lot_id = q.lot_id
 WHERE q.answered_at IS NULL AND q.asked_at > clock_timestamp() - %(within)s * interval '1 second'
   AND q.venue = ANY(%(venues)s)
 ORDER BY q.asked_at
 LIMIT %(most)s
