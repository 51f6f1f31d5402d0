-- From when classify reads which wallet's role copy_leader, and until when: what came between must be in `trades`.
SELECT r.wallet, min(k.read_at) AS from_at, CASE WHEN bool_or(r.to_at IS NULL) THEN NULL ELSE max(r.to_at) END AS to_at
  FROM wallet_roles r JOIN role_reads k ON k.wallet = r.wallet AND k.version = r.since_version
 WHERE r.role = 'copy_leader'
 GROUP BY r.wallet, r.role, r.since_version
