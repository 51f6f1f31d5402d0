-- Which version of its roles classify read when, and what the wallet held at that version.
SELECT k.wallet, k.version, k.read_at, r.role, r.since_version
  FROM role_reads k
  LEFT JOIN wallet_roles r ON r.wallet = k.wallet AND r.since_version <= k.version
                          AND (r.to_at IS NULL OR r.to_at > k.read_at)
 WHERE k.wallet = ANY(%(wallets)s::text[])
 ORDER BY k.wallet, k.version
