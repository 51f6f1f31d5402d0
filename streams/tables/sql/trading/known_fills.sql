-- Of these fills (the exchange's name, our order) whether the order is ours, and how the fill is booked.
SELECT w.fill_id, o.order_hash IS NOT NULL AS ours, f.status
  FROM unnest(%(fill_ids)s::text[], %(order_hashes)s::text[]) AS w (fill_id, order_hash)
  LEFT JOIN orders o ON o.order_hash = w.order_hash
  LEFT JOIN fills f ON f.fill_id = w.fill_id
