UPDATE audit_requests SET done_at = clock_timestamp(), orders = %(orders)s WHERE request_id = %(request_id)s
