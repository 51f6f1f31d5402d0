UPDATE paper.orders
   SET status = 'CANCELED_MARKET_RESOLVED', reserved = 0
 WHERE token_id = ANY(%(token_ids)s::text[]) AND status = 'LIVE'
RETURNING order_id
