INSERT INTO role_reads (wallet, version, read_at)
SELECT wallet, version, clock_timestamp()
  FROM unnest(%(wallets)b::text[], %(versions)b::bigint[]) AS r(wallet, version)
ON CONFLICT (wallet, version) DO NOTHING
