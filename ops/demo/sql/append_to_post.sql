-- Milliseconds from the broker's append until the first POST of a copy order's first order; SELLs that had to wait for
-- a BUY of their own apart.
SELECT percentile_disc(ARRAY[0.5, 0.95, 0.99, 1]) WITHIN GROUP (ORDER BY extract(epoch FROM o.posted_at - c.appended_at) * 1000) AS ms
  FROM orders o
  JOIN copy_orders c USING (copy_order_id)
 WHERE o.attempt = 1 AND o.posted_at IS NOT NULL
   AND NOT EXISTS (SELECT FROM copy_order_transitions t
                    WHERE t.copy_order_id = c.copy_order_id AND t.to_state = 'waiting')
