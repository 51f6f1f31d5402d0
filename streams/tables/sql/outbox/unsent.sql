SELECT outbox_id, topic, key, value, created_at
  FROM outbox WHERE sent_at IS NULL ORDER BY outbox_id LIMIT %(limit)s
