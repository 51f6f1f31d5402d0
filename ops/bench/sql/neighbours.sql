-- The copies of these leaders' trades: when the trade was appended, and when its order stood signed in the tables.
SELECT c.appended_at AS appended, o.signed_at AS signed
  FROM copy_orders c
  LEFT JOIN orders o ON o.copy_order_id = c.copy_order_id
 WHERE c.leader = ANY(%(leaders)s)
