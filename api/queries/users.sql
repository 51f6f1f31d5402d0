SELECT user_id, label, telegram_id, created_at
  FROM users
 WHERE %(at)s::timestamptz IS NULL OR (created_at, user_id) < (%(at)s::timestamptz, %(id)s::text)
 ORDER BY created_at DESC, user_id DESC
 LIMIT %(rows)s
