-- What people keep for the evening comes now: copies and ended markets in one message, the rest by itself.
WITH kept AS (
    SELECT notification_id, user_id, kind = ANY(%(kinds)s) AND topic IS NOT NULL AS merges
      FROM notifications
     WHERE user_id = ANY(%(user_ids)s) AND route = 'evening' AND shown_revision < revision
), made AS (
    INSERT INTO notifications (user_id, kind, event, body, route)
    SELECT DISTINCT user_id, 'evening', 'evening:' || gen_random_uuid(), '{}'::jsonb, 'chat'
      FROM (SELECT DISTINCT user_id FROM kept WHERE merges) people
    RETURNING user_id, notification_id
)
UPDATE notifications n
   SET route = 'chat', class = 'digest', due_at = clock_timestamp(),
       merged_into = CASE WHEN k.merges THEN m.notification_id ELSE n.merged_into END,
       shown_revision = CASE WHEN k.merges THEN n.revision ELSE n.shown_revision END
  FROM kept k LEFT JOIN made m ON m.user_id = k.user_id
 WHERE n.notification_id = k.notification_id
