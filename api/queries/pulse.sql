SELECT (SELECT ready_at IS NOT NULL FROM worker_epochs WHERE role = 'trading') AS trading_ready,
       (SELECT extract(epoch FROM clock_timestamp() - beat_at) FROM worker_epochs WHERE role = 'trading') AS trading_beat_seconds,
       (SELECT count(*) FROM outbox WHERE sent_at IS NULL) AS outbox_waiting,
       (SELECT extract(epoch FROM clock_timestamp() - min(created_at)) FROM outbox WHERE sent_at IS NULL) AS outbox_oldest_seconds,
       (SELECT count(*) FROM copy_orders WHERE state IN ('waiting', 'planned', 'submitting', 'unknown')) AS copies_open,
       (SELECT count(*) FROM copy_orders WHERE state = 'unknown') AS copies_unknown,
       (SELECT extract(epoch FROM clock_timestamp() - min(decided_at)) FROM copy_orders WHERE state = 'unknown') AS oldest_unknown_seconds
