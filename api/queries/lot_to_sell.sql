SELECT l.lot_id, l.account_id, l.allocation_id, l.token_id, l.shares, a.venue
  FROM lots l
  JOIN accounts a ON a.account_id = l.account_id
 WHERE l.lot_id = %(lot_id)s AND l.user_id = %(user_id)s AND l.closed_at IS NULL
