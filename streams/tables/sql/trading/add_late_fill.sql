UPDATE copy_orders
   SET late_fill = true, filled_shares = filled_shares + %(shares)s, filled_usdc = filled_usdc + %(usdc)s,
       fee_usdc = fee_usdc + %(fee_usdc)s, realised_usdc = realised_usdc + %(realised_usdc)s
 WHERE copy_order_id = %(copy_order_id)s
