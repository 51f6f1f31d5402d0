-- The newest copy that was filled, else the newest of all.
SELECT copy_order_id FROM copy_orders
 ORDER BY (state = 'filled') DESC, decided_at DESC, copy_order_id DESC
 LIMIT 1
