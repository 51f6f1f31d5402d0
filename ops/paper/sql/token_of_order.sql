SELECT token_id FROM paper.orders WHERE order_id = %(order_id)s
