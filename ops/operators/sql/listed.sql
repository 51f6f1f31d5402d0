SELECT o.user_id, u.label, u.telegram_id, o.added_at, o.added_by
  FROM operators o
  JOIN users u USING (user_id)
 ORDER BY o.added_at, o.user_id
