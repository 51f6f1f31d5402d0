-- Open orders of these tokens (or one order), the oldest first, with the money of their accounts.
SELECT o.order_id, o.account, o.api_key, o.token_id, o.side, o.price, o.maker_amount, o.taker_amount,
       o.matched_shares, o.matched_usdc, o.reserved
  FROM paper.orders o
 WHERE o.status = 'LIVE'
   AND (o.expires_at IS NULL OR o.expires_at > %(now)s)
   AND (o.due_at IS NULL OR %(order_id)s::text IS NOT NULL)
   AND o.token_id = ANY(%(token_ids)s::text[])
   AND (%(order_id)s::text IS NULL OR o.order_id = %(order_id)s)
 ORDER BY o.placed_at, o.order_id
