SELECT body_sha256, answer FROM webhook_receipts
 WHERE webhook_id = %(webhook_id)s AND received_at > now() - interval '24 hours'
