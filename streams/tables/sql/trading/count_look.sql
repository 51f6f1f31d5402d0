UPDATE orders SET looks = %(looks)s, looked_at = clock_timestamp() WHERE order_hash = %(order_hash)s AND state IN ('unknown', 'accepted')
