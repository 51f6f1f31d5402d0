UPDATE paper.orders SET status = 'CANCELED', reserved = 0 WHERE order_id = %(order_id)s AND status = 'LIVE'
