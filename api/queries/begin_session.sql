INSERT INTO web_sessions (session_sha256, session_id, user_id, expires_at)
VALUES (%(sha256)s, %(session_id)s, %(user_id)s, now() + make_interval(secs => %(seconds)s))
