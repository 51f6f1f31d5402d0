-- Seconds from a moment until the POST of the first order that was filled for a trade appended after it.
SELECT extract(epoch FROM min(o.last_posted_at) - %(at)s::timestamptz)::float8
  FROM orders o
  JOIN copy_orders c USING (copy_order_id)
  JOIN trades t ON t.wallet = c.leader AND t.trade_id = c.trade_id
 WHERE o.filled_shares > 0 AND t.appended_at > %(at)s AND (%(source)s::text IS NULL OR t.source = %(source)s)
