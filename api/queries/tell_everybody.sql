INSERT INTO notifications (user_id, kind, event, body)
SELECT user_id, %(kind)s, %(at)s::text, jsonb_build_object('note', %(note)s::text, 'at', %(at)s::timestamptz) FROM users
ON CONFLICT (user_id, kind, event) DO NOTHING
