SELECT f.order_hash, f.shares, f.usdc, f.price, f.fee_usdc, f.status, f.matched_at
  FROM fills f
  JOIN orders o USING (order_hash)
 WHERE o.copy_order_id = %(copy_order_id)s
 ORDER BY f.matched_at, f.fill_id
