SELECT fill_id FROM fills WHERE order_hash = ANY(%(order_hashes)s)
