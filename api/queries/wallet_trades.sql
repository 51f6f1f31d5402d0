SELECT t.trade_id, t.kind, t.side, t.token_id, m.question, m.outcome, t.size, t.price, t.usdc, t.tx_hash, t.traded_at
  FROM trades t
  LEFT JOIN markets m ON m.token_id = t.token_id
 WHERE t.wallet = %(wallet)s::text
   AND (%(at)s::timestamptz IS NULL OR (t.traded_at, t.trade_id) < (%(at)s::timestamptz, %(id)s::text))
 ORDER BY t.traded_at DESC, t.trade_id DESC
 LIMIT %(rows)s
