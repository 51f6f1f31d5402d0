-- Notices that are due and not in the chat as they stand, how long the oldest has been, and what Telegram never took.
SELECT count(*) AS notices_waiting,
       round(extract(epoch FROM clock_timestamp() - min(n.due_at)), 3) AS oldest_notice_seconds,
       (SELECT count(*) FROM notifications f
         WHERE f.route = 'impossible' AND f.created_at > now() - interval '1 day') AS notices_failed
  FROM notifications n
 WHERE n.shown_revision < n.revision AND (n.route IS NULL OR n.route = 'chat') AND n.due_at <= clock_timestamp()
