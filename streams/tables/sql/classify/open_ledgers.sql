INSERT INTO wallet_ledgers (wallet, role, last_number, since_version, unsure)
SELECT * FROM unnest(%(wallets)b::text[], %(roles)b::text[], %(numbers)b::bigint[], %(since)b::bigint[],
                     %(unsure)b::boolean[])
