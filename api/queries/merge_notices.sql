-- Where so many wait for one chat, those that may become one burst. Each keeps its row and names the burst that says it.
WITH waiting AS (
    SELECT notification_id, user_id
      FROM notifications
     WHERE shown_revision < revision AND route = 'chat' AND due_at <= clock_timestamp()
       AND (claimed_until IS NULL OR claimed_until < clock_timestamp())
       AND telegram_message_id IS NULL AND class = 'result' AND topic IS NOT NULL AND kind = ANY(%(kinds)s)
), crowded AS (
    SELECT user_id FROM waiting GROUP BY user_id HAVING count(*) >= %(least)s
), old AS (
    SELECT DISTINCT ON (b.user_id) b.user_id, b.notification_id
      FROM notifications b JOIN crowded c USING (user_id)
     WHERE b.kind = 'burst' AND b.shown_revision = 0 AND b.route = 'chat'
       AND (b.claimed_until IS NULL OR b.claimed_until < clock_timestamp())
     ORDER BY b.user_id, b.notification_id
), made AS (
    INSERT INTO notifications (user_id, kind, event, body, route)
    SELECT c.user_id, 'burst', 'burst:' || gen_random_uuid(), '{}', 'chat'
      FROM crowded c WHERE NOT EXISTS (SELECT 1 FROM old WHERE old.user_id = c.user_id)
    RETURNING user_id, notification_id
), targets AS (
    SELECT user_id, notification_id FROM old UNION ALL SELECT user_id, notification_id FROM made
)
UPDATE notifications n
   SET merged_into = t.notification_id, shown_revision = n.revision
  FROM waiting w JOIN targets t USING (user_id)
 WHERE n.notification_id = w.notification_id
