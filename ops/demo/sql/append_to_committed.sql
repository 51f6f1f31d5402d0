-- Milliseconds from the broker's append until the copy order was inserted: the first transition is stamped by the
-- database at the end of the insert, in the transaction that then commits.
SELECT percentile_disc(ARRAY[0.5, 0.95, 0.99, 1]) WITHIN GROUP (ORDER BY extract(epoch FROM t.at - c.appended_at) * 1000) AS ms
  FROM copy_order_transitions t
  JOIN copy_orders c USING (copy_order_id)
 WHERE t.from_state IS NULL
