UPDATE copy_orders c
   SET late_fill = true, filled_shares = c.filled_shares + r.shares, filled_usdc = c.filled_usdc + r.usdc,
       fee_usdc = c.fee_usdc + r.fee_usdc, realised_usdc = c.realised_usdc + r.realised_usdc
  FROM json_to_recordset(%(rows)s)
       AS r (copy_order_id text, shares numeric, usdc numeric, fee_usdc numeric, realised_usdc numeric)
 WHERE c.copy_order_id = r.copy_order_id
