INSERT INTO notifications (user_id, kind, event, body)
SELECT u.user_id, 'signal', s.signal_id, jsonb_build_object('signal_id', s.signal_id)
  FROM users u, smart_signals s
 WHERE u.notice_settings->'deliveries'->>'signals' IN ('on', 'digest')
   AND u.telegram_id IS NOT NULL AND s.last_at > clock_timestamp() - make_interval(secs => %(seconds)s)
 ORDER BY s.last_at
 LIMIT %(most)s
ON CONFLICT (user_id, kind, event) DO NOTHING
