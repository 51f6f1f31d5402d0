-- Where so many wait for one chat, those that may become one burst. Each keeps its row and names the burst that says it.
-- Bounded by people, and found by their own rows, so that a crowd of many thousands costs each claim little.
WITH crowded AS MATERIALIZED (
    SELECT user_id
      FROM notifications
     WHERE shown_revision < revision AND route = 'chat' AND due_at <= clock_timestamp()
       AND (claimed_until IS NULL OR claimed_until < clock_timestamp())
       AND telegram_message_id IS NULL AND class = 'result' AND topic IS NOT NULL AND kind = ANY(%(kinds)s)
     GROUP BY user_id HAVING count(*) >= %(least)s
     LIMIT %(people)s
), old AS MATERIALIZED (
    SELECT c.user_id, b.notification_id
      FROM crowded c
      JOIN LATERAL (
          SELECT notification_id FROM notifications
           WHERE user_id = c.user_id AND kind = 'burst' AND shown_revision < revision AND route = 'chat'
             AND shown_revision = 0 AND (claimed_until IS NULL OR claimed_until < clock_timestamp())
           ORDER BY notification_id LIMIT 1
      ) b ON true
), made AS (
    INSERT INTO notifications (user_id, kind, event, body, route)
    SELECT c.user_id, 'burst', 'burst:' || gen_random_uuid(), '{}', 'chat'
      FROM crowded c WHERE NOT EXISTS (SELECT 1 FROM old WHERE old.user_id = c.user_id)
    RETURNING user_id, notification_id
), targets AS MATERIALIZED (
    SELECT user_id, notification_id FROM old UNION ALL SELECT user_id, notification_id FROM made
)
UPDATE notifications n
   SET merged_into = t.notification_id, shown_revision = n.revision
  FROM targets t
 WHERE n.user_id = t.user_id AND n.shown_revision < n.revision AND n.route = 'chat'
   AND n.due_at <= clock_timestamp() AND (n.claimed_until IS NULL OR n.claimed_until < clock_timestamp())
   AND n.telegram_message_id IS NULL AND n.class = 'result' AND n.topic IS NOT NULL AND n.kind = ANY(%(kinds)s)
