UPDATE fills SET status = %(status)s WHERE fill_id = %(fill_id)s AND status <> %(status)s
