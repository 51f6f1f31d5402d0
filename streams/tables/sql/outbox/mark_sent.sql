UPDATE outbox SET sent_at = clock_timestamp() WHERE outbox_id = ANY(%(sent)s)
