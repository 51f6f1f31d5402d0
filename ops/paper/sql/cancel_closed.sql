UPDATE paper.orders
   SET status = 'CANCELED', reserved = 0
 WHERE token_id = ANY(%(token_ids)s::text[]) AND status = 'LIVE'
RETURNING order_id
