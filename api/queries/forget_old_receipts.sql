DELETE FROM webhook_receipts WHERE received_at < now() - interval '24 hours'
