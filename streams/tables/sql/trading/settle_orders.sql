-- Settled once every fill of it is confirmed on the chain, but for those that were taken back.
UPDATE orders o
   SET state = 'settled', cause = 'settled on the chain'
 WHERE o.order_hash = ANY(%(order_hashes)s) AND o.state = 'matched' AND o.proven_at IS NOT NULL
   AND EXISTS (SELECT 1 FROM fills f WHERE f.order_hash = o.order_hash AND f.status = 'CONFIRMED')
   AND NOT EXISTS (SELECT 1 FROM fills f WHERE f.order_hash = o.order_hash AND f.status NOT IN ('CONFIRMED', 'FAILED'))
