-- The next to show: safety, then results, then digests; within a class people take turns. One batch for a chat at a time:
-- what comes meanwhile may become a burst. Safety waits for nobody.
WITH waiting AS (
    SELECT n.notification_id, n.user_id, n.class, n.created_at,
           n.telegram_message_id IS NULL AND n.class = 'result' AND n.topic IS NOT NULL AND n.kind = ANY(%(kinds)s)
               AS merges
      FROM notifications n
     WHERE n.shown_revision < n.revision AND n.route = 'chat' AND n.due_at <= clock_timestamp()
       AND (n.claimed_until IS NULL OR n.claimed_until < clock_timestamp())
       AND (n.class = 'safety'
            OR NOT EXISTS (SELECT 1 FROM notifications c
                            WHERE c.user_id = n.user_id AND c.claimed_until > clock_timestamp()))
     ORDER BY n.class DESC, n.created_at, n.notification_id
     LIMIT %(looked_at)s
), turns AS (
    SELECT notification_id, class, created_at,
           row_number() OVER (PARTITION BY class, user_id ORDER BY created_at, notification_id) AS turn,
           merges AND count(*) FILTER (WHERE merges) OVER (PARTITION BY user_id) >= %(least)s AS crowded
      FROM waiting
), chosen AS (
    SELECT notification_id, class, turn, created_at FROM turns
     WHERE turn <= %(in_a_row)s AND NOT crowded       -- who is crowded still is merged by the next claim
     ORDER BY class DESC, turn, created_at, notification_id
     LIMIT %(most)s
), taken AS (
    UPDATE notifications n
       SET claimed_until = clock_timestamp() + make_interval(secs => %(seconds)s), claimed_by = %(claimed_by)s,
           attempts = n.attempts + 1
      FROM chosen c
     WHERE n.notification_id = c.notification_id
    RETURNING n.*, c.turn
)
SELECT t.notification_id, t.user_id, u.telegram_id, t.kind, t.class, t.topic, u.language, u.time_zone, u.notice_settings,
       t.revision, t.telegram_message_id, t.body, t.created_at
  FROM taken t JOIN users u ON u.user_id = t.user_id
 ORDER BY t.class DESC, t.turn, t.created_at, t.notification_id
