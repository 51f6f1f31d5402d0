SELECT DISTINCT l.allocation_id
  FROM lots l
  JOIN accounts a ON a.account_id = l.account_id AND a.venue = 'polymarket'
 WHERE l.token_id = %(token_id)s AND l.closed_at IS NULL AND l.allocation_id IS NOT NULL
 ORDER BY l.allocation_id
 LIMIT %(most)s
