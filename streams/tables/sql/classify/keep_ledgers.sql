UPDATE wallet_ledgers l
   SET last_number = a.last_number, since_version = a.since_version, unsure = a.unsure
  FROM unnest(%(wallets)s::text[], %(roles)s::text[], %(numbers)s::bigint[], %(since)s::bigint[],
              %(unsure)s::boolean[]) AS a(wallet, role, last_number, since_version, unsure)
 WHERE l.wallet = a.wallet AND l.role = a.role
