INSERT INTO webhook_receipts (webhook_id, body_sha256, answer) VALUES (%(webhook_id)s, %(body_sha256)s, %(answer)s)
ON CONFLICT (webhook_id) DO UPDATE
   SET body_sha256 = excluded.body_sha256, answer = excluded.answer, received_at = now()
 WHERE webhook_receipts.received_at <= now() - interval '24 hours'
