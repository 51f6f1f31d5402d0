SELECT s.session_id, s.user_id, s.expires_at, u.language, EXISTS (SELECT FROM operators o WHERE o.user_id = s.user_id) AS operator
  FROM web_sessions s
  JOIN users u USING (user_id)
 WHERE s.session_sha256 = %(sha256)s AND s.expires_at > now() AND u.deleted_at IS NULL
