SELECT t.token_id, t.user_id, t.scope, u.language
  FROM api_tokens t
  JOIN users u USING (user_id)
 WHERE t.token_sha256 = %(sha256)s AND u.deleted_at IS NULL
