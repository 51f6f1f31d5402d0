UPDATE watched_addresses SET version = %(version)s, updated_at = clock_timestamp() WHERE wallet = %(wallet)s
