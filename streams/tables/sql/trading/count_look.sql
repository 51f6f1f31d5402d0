UPDATE orders SET looks = %(looks)s WHERE order_hash = %(order_hash)s AND state IN ('unknown', 'accepted')
