-- What will happen by itself, the next first: settlements that fail, delayed orders that are filled or killed.
(SELECT 'fail' AS kind, trade_id::text AS id, '' AS token_id, fails_at AS at
   FROM paper.trades
  WHERE fails_at IS NOT NULL AND failed_at IS NULL
  ORDER BY fails_at
  LIMIT 100)
UNION ALL
(SELECT due_as, order_id, token_id, due_at
   FROM paper.orders
  WHERE due_at IS NOT NULL AND status = 'LIVE'
  ORDER BY due_at
  LIMIT 100)
ORDER BY at
LIMIT 100
