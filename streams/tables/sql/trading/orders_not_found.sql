-- Ended not long ago by proof of absence, or posted more than once and refused: bytes of a sender that slept right before
-- its POST may yet arrive, and fill (SAFETY R5).
SELECT o.order_hash, o.account_id, o.venue, o.token_id, o.signed_at
  FROM orders o
 WHERE o.state IN ('killed', 'rejected') AND (o.looks > 0 OR o.posts > 1)
   AND o.proven_at > clock_timestamp() - %(within)s * interval '1 second'
   AND NOT (o.order_hash = ANY(%(seen)s))
 ORDER BY o.proven_at
 LIMIT %(most)s
