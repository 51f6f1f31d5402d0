SELECT m.token_id, m.market_id, m.payout
  FROM markets m
 WHERE m.payout IS NOT NULL
   AND EXISTS (SELECT 1 FROM lots l JOIN accounts a ON a.account_id = l.account_id AND a.venue = 'polymarket'
                WHERE l.token_id = m.token_id AND l.closed_at IS NULL AND l.allocation_id IS NOT NULL)
 LIMIT %(most)s
