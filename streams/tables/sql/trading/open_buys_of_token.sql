-- All open BUYs of a token at an exchange in the order in which they were claimed, and whether they went out (SAFETY R2).
SELECT o.order_hash, o.amount_usdc, o.limit_price, o.state <> 'signed' AS sent
  FROM orders o
 WHERE o.state IN ('signed', 'submitting', 'accepted', 'unknown', 'matched') AND o.proven_at IS NULL
   AND o.venue = %(venue)s AND o.token_id = %(token_id)s AND o.side = 'BUY'
 ORDER BY o.signed_at, o.order_hash
