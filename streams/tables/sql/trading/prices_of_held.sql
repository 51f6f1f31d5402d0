-- Tokens that somebody holds; a resolved one is worth its payout and needs no price.
SELECT l.token_id, COALESCE(max(m.version), 0)
  FROM lots l
  JOIN accounts k ON k.account_id = l.account_id
  LEFT JOIN markets m ON m.token_id = l.token_id
 WHERE l.closed_at IS NULL AND m.payout IS NULL AND k.venue = %(venue)s
 GROUP BY l.token_id
 LIMIT %(most)s
