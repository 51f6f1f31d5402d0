SELECT body_sha256, status, answer
  FROM idempotency_keys
 WHERE owner = %(owner)s AND key = %(key)s AND started_at > now() - interval '72 hours'
