SELECT copy_order_id, inputs -> 'trade' FROM copy_orders
WHERE allocation_id = %(allocation_id)s AND token_id = %(token_id)s AND state = 'waiting'
ORDER BY number
FOR NO KEY UPDATE;
