DELETE FROM idempotency_keys WHERE started_at < now() - interval '72 hours'
