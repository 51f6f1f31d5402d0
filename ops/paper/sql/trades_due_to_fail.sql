SELECT trade_id
  FROM paper.trades
 WHERE fails_at <= %(now)s AND fails_at IS NOT NULL AND failed_at IS NULL
 ORDER BY fails_at, trade_id
 LIMIT 100
