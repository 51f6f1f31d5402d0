INSERT INTO wallet_ledgers (wallet, role, last_number, since_version, unsure)
SELECT * FROM unnest(%(wallets)s::text[], %(roles)s::text[], %(numbers)s::bigint[], %(since)s::bigint[],
                     %(unsure)s::boolean[])
