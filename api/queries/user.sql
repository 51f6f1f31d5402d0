SELECT u.user_id, u.label, u.telegram_id, u.created_at, u.language, u.time_zone, u.quick_amounts, u.unreachable_at, u.version,
       EXISTS (SELECT FROM operators o WHERE o.user_id = u.user_id) AS operator
  FROM users u
 WHERE u.user_id = %(user_id)s
