-- Of these fills (the exchange's name, our order) those that are not booked although the tables know the order, and say that
-- it never went out or came to nothing: a dump that was put back, or bytes of a sender that slept (SAFETY R5, R19).
SELECT DISTINCT o.order_hash
  FROM unnest(%(fill_ids)s::text[], %(order_hashes)s::text[]) AS w (fill_id, order_hash)
  JOIN orders o ON o.order_hash = w.order_hash
  LEFT JOIN fills f ON f.fill_id = w.fill_id
 WHERE f.fill_id IS NULL AND o.state IN ('signed', 'dropped', 'killed', 'rejected')
