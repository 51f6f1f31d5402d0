SELECT pg_try_advisory_lock(7265497)
