-- Whose evening has come, each in their own zone, and was not summed up yet today.
SELECT u.user_id, u.time_zone, u.notice_settings, (clock_timestamp() AT TIME ZONE u.time_zone)::date AS day,
       coalesce(e.until_at, clock_timestamp() - interval '1 day') AS since_at, clock_timestamp() AS until_at
  FROM users u LEFT JOIN notice_evenings e ON e.user_id = u.user_id
 WHERE u.telegram_id IS NOT NULL AND u.unreachable_at IS NULL
   AND (clock_timestamp() AT TIME ZONE u.time_zone)::time
       >= coalesce(u.notice_settings->>'summary_at', %(summary_at)s::text)::time
   AND (e.day IS NULL OR e.day < (clock_timestamp() AT TIME ZONE u.time_zone)::date)
 ORDER BY u.user_id
 LIMIT %(most)s
