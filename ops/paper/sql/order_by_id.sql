-- The order, if it belongs to an account that this address signs for.
SELECT o.*, coalesce((SELECT array_agg(t.trade_id ORDER BY t.matched_at, t.trade_id)
                        FROM paper.trades t WHERE t.order_id = o.order_id), '{}') AS trade_ids
  FROM paper.orders o
  JOIN paper.accounts a ON a.address = o.account
 WHERE o.order_id = %(order_id)s AND a.owner = %(owner)s
