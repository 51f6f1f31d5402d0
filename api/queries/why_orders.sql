SELECT order_hash, attempt, state, limit_price, amount_usdc, shares, posts, looks, reject_reason, words, cause, signed_at,
       posted_at, answered_at, proven_at
  FROM orders
 WHERE copy_order_id = %(copy_order_id)s
 ORDER BY attempt
