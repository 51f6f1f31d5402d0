SELECT o.*, coalesce((SELECT array_agg(t.trade_id ORDER BY t.matched_at, t.trade_id)
                        FROM paper.trades t WHERE t.order_id = o.order_id), '{}') AS trade_ids
  FROM paper.orders o
  JOIN paper.accounts a ON a.address = o.account
 WHERE a.owner = %(owner)s
   AND o.status = 'LIVE'
   AND (o.expires_at IS NULL OR o.expires_at > %(now)s)
   AND (%(order_id)s::text IS NULL OR o.order_id = %(order_id)s)
   AND (%(token_id)s::text IS NULL OR o.token_id = %(token_id)s)
   AND (%(token_ids)s::text[] IS NULL OR o.token_id = ANY(%(token_ids)s))
   AND o.order_id > %(after_id)s
 ORDER BY o.order_id
 LIMIT %(rows)s
