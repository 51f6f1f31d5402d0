DELETE FROM price_wishes WHERE wished_at < now() - interval '1 hour'
