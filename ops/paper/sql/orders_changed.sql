-- Orders as the user stream tells them, with the address that signs for their account.
SELECT o.*, a.owner AS signer,
       coalesce((SELECT array_agg(t.trade_id ORDER BY t.matched_at, t.trade_id)
                   FROM paper.trades t WHERE t.order_id = o.order_id), '{}') AS trade_ids
  FROM paper.orders o
  JOIN paper.accounts a ON a.address = o.account
 WHERE o.order_id = ANY(%(order_ids)s::text[])
