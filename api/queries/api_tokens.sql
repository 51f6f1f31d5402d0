SELECT token_id, label, scope, created_at, last_used_at
  FROM api_tokens
 WHERE user_id = %(user_id)s
 ORDER BY created_at DESC, token_id DESC
