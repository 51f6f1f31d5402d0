-- Nothing of them settled: every fill was taken back.
UPDATE orders o
   SET state = 'failed', cause = 'its settlement failed'
 WHERE o.order_hash = ANY(%(order_hashes)s) AND o.state IN ('matched', 'settled') AND o.proven_at IS NOT NULL
   AND EXISTS (SELECT 1 FROM fills f WHERE f.order_hash = o.order_hash)
   AND NOT EXISTS (SELECT 1 FROM fills f WHERE f.order_hash = o.order_hash AND f.status <> 'FAILED')
