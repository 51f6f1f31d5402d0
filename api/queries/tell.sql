INSERT INTO notifications (user_id, kind, event, body) VALUES (%(user_id)s, %(kind)s, %(event)s, %(body)s)
ON CONFLICT (user_id, kind, event) DO NOTHING
