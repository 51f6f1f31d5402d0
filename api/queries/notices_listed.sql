-- Notices that are due and not in the chat as they stand, or that Telegram never took in the last day: whose, of what, and why not yet.
SELECT n.notification_id::text AS notification_id, n.user_id, u.label, n.kind, n.class AS importance, n.event, n.route, n.attempts,
       n.fault, n.created_at, n.due_at, n.claimed_by
  FROM notifications n
  LEFT JOIN users u ON u.user_id = n.user_id
 WHERE (%(failed)s AND n.route = 'impossible' AND n.created_at > now() - interval '1 day'
        OR NOT %(failed)s AND n.shown_revision < n.revision AND (n.route IS NULL OR n.route = 'chat')
           AND n.due_at <= clock_timestamp())
   AND (%(at)s::timestamptz IS NULL OR (n.created_at, n.notification_id) < (%(at)s::timestamptz, %(id)s::bigint))
 ORDER BY n.created_at DESC, n.notification_id DESC
 LIMIT %(rows)s
