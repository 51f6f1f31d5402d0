SELECT notification_id, kind, created_at, sent_at
  FROM notifications
 WHERE user_id = %(user_id)s
   AND kind NOT IN ('burst', 'evening', 'while_away')
   AND (%(at)s::timestamptz IS NULL OR (created_at, notification_id) < (%(at)s::timestamptz, %(id)s::bigint))
 ORDER BY created_at DESC, notification_id DESC
 LIMIT %(rows)s
