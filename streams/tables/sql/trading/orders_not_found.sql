-- Ended by proof of absence not long ago: a fill may yet come (SAFETY R5).
SELECT o.order_hash, o.account_id, o.venue, o.token_id, o.signed_at
  FROM orders o
 WHERE o.state = 'killed' AND o.looks > 0 AND o.proven_at > clock_timestamp() - %(within)s * interval '1 second'
 ORDER BY o.proven_at
 LIMIT %(most)s
