INSERT INTO sign_in_links (link_sha256, user_id, expires_at)
VALUES (%(sha256)s, %(user_id)s, now() + make_interval(secs => %(seconds)s))
RETURNING expires_at
