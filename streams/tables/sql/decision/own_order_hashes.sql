SELECT order_hash FROM orders WHERE order_hash = ANY(%(hashes)s::text[]);
