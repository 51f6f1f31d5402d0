-- Seconds from a moment until the first order was filled for a trade that was appended after it.
SELECT extract(epoch FROM min(f.matched_at) - %(at)s::timestamptz)::float8
  FROM fills f
  JOIN orders o USING (order_hash)
  JOIN copy_orders c USING (copy_order_id)
  JOIN trades t ON t.wallet = c.leader AND t.trade_id = c.trade_id
 WHERE t.appended_at > %(at)s AND (%(source)s::text IS NULL OR t.source = %(source)s)
