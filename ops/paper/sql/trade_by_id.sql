SELECT t.*
  FROM paper.trades t
  JOIN paper.accounts a ON a.address = t.account
 WHERE t.trade_id = %(trade_id)s AND a.owner = %(owner)s
