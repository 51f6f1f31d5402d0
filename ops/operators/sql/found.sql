SELECT u.user_id, u.label, u.telegram_id, EXISTS (SELECT FROM operators o WHERE o.user_id = u.user_id) AS operator
  FROM users u
 WHERE u.deleted_at IS NULL AND (u.user_id = %(name)s::text OR u.telegram_id::text = %(name)s::text)
