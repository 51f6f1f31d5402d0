-- Accounts that hold a position by hand in a resolved token, with no order by hand open in it.
SELECT DISTINCT l.account_id
  FROM lots l
  JOIN accounts a ON a.account_id = l.account_id AND a.venue = 'paper'
 WHERE l.token_id = %(token_id)s AND l.closed_at IS NULL AND l.allocation_id IS NULL
   AND NOT EXISTS (SELECT 1 FROM manual_orders h
                    WHERE h.account_id = l.account_id AND h.token_id = l.token_id
                      AND h.state IN ('waiting', 'planned', 'submitting', 'unknown'))
 ORDER BY l.account_id
 LIMIT %(most)s
