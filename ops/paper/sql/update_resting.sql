UPDATE paper.orders o
   SET matched_shares = u.matched_shares, matched_usdc = u.matched_usdc, reserved = u.reserved, status = u.status
  FROM jsonb_to_recordset(%(orders)s::jsonb) AS u (
       order_id text, matched_shares bigint, matched_usdc bigint, reserved bigint, status text)
 WHERE o.order_id = u.order_id
