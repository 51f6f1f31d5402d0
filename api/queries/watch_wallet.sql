INSERT INTO watched_addresses (wallet, version, added_at, updated_at)
VALUES (%(wallet)s, 1, clock_timestamp(), clock_timestamp())
ON CONFLICT (wallet) DO NOTHING
