UPDATE exit_orders x
   SET filled_shares = x.filled_shares + r.shares, filled_usdc = x.filled_usdc + r.usdc,
       fee_usdc = x.fee_usdc + r.fee_usdc, realised_usdc = x.realised_usdc + r.realised_usdc
  FROM json_to_recordset(%(rows)s)
       AS r (copy_order_id text, shares numeric, usdc numeric, fee_usdc numeric, realised_usdc numeric)
 WHERE x.exit_order_id = r.copy_order_id
