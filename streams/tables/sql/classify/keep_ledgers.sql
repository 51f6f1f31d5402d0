UPDATE wallet_ledgers l
   SET last_number = a.last_number, since_version = a.since_version, unsure = a.unsure
  FROM unnest(%(wallets)b::text[], %(roles)b::text[], %(numbers)b::bigint[], %(since)b::bigint[],
              %(unsure)b::boolean[]) AS a(wallet, role, last_number, since_version, unsure)
 WHERE l.wallet = a.wallet AND l.role = a.role
