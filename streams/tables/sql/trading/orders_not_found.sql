-- Ended by proof of absence not long ago: a fill may yet come (SAFETY R5).
SELECT o.order_hash, o.account_id, o.venue, o.token_id, o.signed_at
  FROM orders o
  JOIN copy_orders c ON c.copy_order_id = o.copy_order_id
 WHERE o.state = 'killed' AND c.reason = 'NOT_FOUND' AND c.ended_at > clock_timestamp() - %(within)s * interval '1 second'
 ORDER BY c.ended_at
 LIMIT %(most)s
