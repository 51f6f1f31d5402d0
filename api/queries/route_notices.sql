-- New notices and new states of old ones are sent where the person's settings say. What stands in the chat is edited
-- there whatever they say; what cannot be switched always comes.
UPDATE notifications n
   SET route = CASE
           WHEN w.telegram_id IS NULL THEN 'off'
           WHEN w.unreachable_at IS NOT NULL THEN 'away'
           WHEN n.telegram_message_id IS NOT NULL OR n.topic IS NULL THEN 'chat'
           ELSE CASE coalesce(w.notice_settings->'deliveries'->>n.topic, %(defaults)s::jsonb->>n.topic)
                    WHEN 'off' THEN 'off' WHEN 'digest' THEN 'evening' ELSE 'chat' END
       END
  FROM (
      SELECT f.notification_id, u.telegram_id, u.unreachable_at, u.notice_settings
        FROM (SELECT notification_id, user_id FROM notifications
               WHERE shown_revision < revision AND route IS NULL
               ORDER BY notification_id LIMIT %(most)s) f
        LEFT JOIN users u ON u.user_id = f.user_id
  ) w
 WHERE n.notification_id = w.notification_id
