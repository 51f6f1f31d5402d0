-- One message for what came while the person could not be reached; safety notices come by themselves.
WITH kept AS (
    SELECT notification_id, class FROM notifications
     WHERE user_id = %(user_id)s AND route = 'away' AND shown_revision < revision
), told AS (
    INSERT INTO notifications (user_id, kind, event, body, route)
    SELECT %(user_id)s, 'while_away', 'away:' || %(since)s::timestamptz,
           jsonb_build_object('since', %(since)s::timestamptz, 'paused', %(paused)s::integer), 'chat'
     WHERE %(paused)s::integer > 0 OR EXISTS (SELECT 1 FROM kept WHERE class <> 'safety')
    ON CONFLICT (user_id, kind, event) DO NOTHING
    RETURNING notification_id
)
UPDATE notifications n
   SET route = 'chat', due_at = clock_timestamp(),
       merged_into = CASE WHEN n.class = 'safety' THEN n.merged_into ELSE told.notification_id END,
       shown_revision = CASE WHEN n.class = 'safety' THEN n.shown_revision ELSE n.revision END
  FROM kept LEFT JOIN told ON true
 WHERE n.notification_id = kept.notification_id AND (n.class = 'safety' OR told.notification_id IS NOT NULL)
