UPDATE worker_epochs SET ready_at = clock_timestamp() WHERE role = 'trading' AND epoch = %(epoch)s
