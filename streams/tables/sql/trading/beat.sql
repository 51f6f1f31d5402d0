UPDATE worker_epochs SET beat_at = clock_timestamp() WHERE role = 'trading' AND epoch = %(epoch)s
RETURNING epoch
