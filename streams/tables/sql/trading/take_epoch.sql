INSERT INTO worker_epochs (role, epoch, worker)
VALUES ('trading', 1, %(worker)s)
ON CONFLICT (role) DO UPDATE
   SET epoch = worker_epochs.epoch + 1, worker = EXCLUDED.worker, started_at = clock_timestamp(),
       ready_at = NULL, beat_at = clock_timestamp()
RETURNING epoch
