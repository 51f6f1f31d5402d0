SELECT pg_advisory_xact_lock(hashtextextended(%(user_id)s, 16))
