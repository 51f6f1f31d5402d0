-- For how long the oldest notice is due that its chat does not show, and the oldest message of the outbox unsent; 0 for none.
SELECT coalesce((SELECT extract(epoch FROM clock_timestamp() - min(n.due_at)) FROM notifications n
                   JOIN users u USING (user_id)
                  WHERE n.shown_revision < n.revision AND (n.route IS NULL OR n.route = 'chat')
                    AND n.due_at <= clock_timestamp() AND u.telegram_id IS NOT NULL
                    AND u.unreachable_at IS NULL), 0)::float8 AS notice_seconds,
       coalesce((SELECT extract(epoch FROM clock_timestamp() - min(created_at)) FROM outbox WHERE sent_at IS NULL),
                0)::float8 AS message_seconds
