UPDATE fills SET status = 'FAILED' WHERE fill_id = ANY(%(fill_ids)s)
