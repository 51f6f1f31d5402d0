INSERT INTO idempotency_keys (owner, key, route, body_sha256, status, answer)
VALUES (%(owner)s, %(key)s, %(route)s, %(body_sha256)s, %(status)s, %(answer)s)
ON CONFLICT (owner, key) DO UPDATE
   SET route = excluded.route, body_sha256 = excluded.body_sha256, status = excluded.status, answer = excluded.answer,
       started_at = now()
