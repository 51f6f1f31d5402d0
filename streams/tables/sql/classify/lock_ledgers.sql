SELECT l.wallet, l.role, l.last_number, l.since_version, l.unsure
  FROM wallet_ledgers l
 WHERE l.wallet = ANY(%(wallets)s)
 ORDER BY l.wallet, l.role
   FOR UPDATE
