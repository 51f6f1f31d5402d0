-- The wallet's row at this version, made where only the topic knows the wallet; with what it holds.
INSERT INTO watched_addresses (wallet, version) VALUES (%(wallet)s, %(version)s)
ON CONFLICT (wallet) DO UPDATE SET version = EXCLUDED.version, updated_at = clock_timestamp()
RETURNING (SELECT coalesce(jsonb_object_agg(r.role, r.since_version), '{}') FROM wallet_roles r
            WHERE r.wallet = watched_addresses.wallet AND r.to_at IS NULL) AS since
