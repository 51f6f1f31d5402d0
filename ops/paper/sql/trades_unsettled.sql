-- What a new listener will hear of without a new order: trades of this address that are not over.
SELECT t.trade_id
  FROM paper.accounts a
  JOIN paper.trades t ON t.account = a.address
 WHERE a.owner = %(owner)s AND t.matched_at > %(since)s AND t.failed_at IS NULL
   AND (t.confirmed_at > %(now)s OR t.fails_at IS NOT NULL)
 ORDER BY t.matched_at, t.trade_id
 LIMIT 1000
