SELECT order_hash FROM orders WHERE order_hash = ANY(%(order_hashes)s)
