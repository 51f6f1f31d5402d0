UPDATE manual_orders h
   SET late_fill = true, filled_shares = h.filled_shares + r.shares, filled_usdc = h.filled_usdc + r.usdc,
       fee_usdc = h.fee_usdc + r.fee_usdc, realised_usdc = h.realised_usdc + r.realised_usdc
  FROM json_to_recordset(%(rows)s)
       AS r (copy_order_id text, shares numeric, usdc numeric, fee_usdc numeric, realised_usdc numeric)
 WHERE h.manual_order_id = r.copy_order_id
