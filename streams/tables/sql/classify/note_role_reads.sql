INSERT INTO role_reads (wallet, version, read_at)
SELECT wallet, version, clock_timestamp()
  FROM unnest(%(wallets)s::text[], %(versions)s::bigint[]) AS r(wallet, version)
ON CONFLICT (wallet, version) DO NOTHING
