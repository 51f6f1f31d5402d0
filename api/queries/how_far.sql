-- Of these copies, whether each was ever sent and whether it is over.
SELECT c.copy_order_id, c.ended_at IS NOT NULL AS over,
       EXISTS (SELECT FROM orders o WHERE o.copy_order_id = c.copy_order_id AND o.posts > 0) AS sent
  FROM copy_orders c
 WHERE c.copy_order_id = ANY (%(copy_order_ids)s)
