SELECT manual_order_id, account_id, allocation_id FROM manual_orders
 WHERE state = 'waiting' AND venue = ANY(%(venues)s)
 ORDER BY asked_at, manual_order_id
 LIMIT %(most)s
