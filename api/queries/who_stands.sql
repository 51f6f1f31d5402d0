SELECT u.user_id, u.language, EXISTS (SELECT FROM operators o WHERE o.user_id = u.user_id) AS operator
  FROM users u
 WHERE u.user_id = %(user_id)s AND u.deleted_at IS NULL
   AND NOT EXISTS (SELECT FROM revoked_tokens r WHERE r.token_id = %(token_id)s)
