SELECT copy_order_id FROM shadow.decisions WHERE run = %(run)s AND differ <> '{}' ORDER BY 1
