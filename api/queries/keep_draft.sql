INSERT INTO drafts (user_id, flow, body, changed_at, expires_at)
VALUES (%(user_id)s, %(flow)s, %(body)s, now(), now() + interval '24 hours')
ON CONFLICT (user_id) DO UPDATE
   SET flow = excluded.flow, body = excluded.body, changed_at = excluded.changed_at, expires_at = excluded.expires_at
