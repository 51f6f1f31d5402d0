-- The newest trading worker, for how long it is silent, and connections of workers that began before it. Its own were
-- opened while it started, before it took its epoch.
SELECT e.epoch, e.worker, extract(epoch FROM clock_timestamp() - e.beat_at)::float8, e.ready_at IS NOT NULL,
       ARRAY(SELECT a.backend_start FROM pg_stat_activity a
              WHERE a.datname = current_database() AND a.application_name = 'polycool-trading'
                AND a.backend_start < e.started_at - interval '60 seconds' ORDER BY 1)
  FROM worker_epochs e WHERE e.role = 'trading'
