-- Each watched wallet: the version of its row, and since which version it holds which role.
SELECT w.wallet, w.version, coalesce(h.since, '{}') AS since
  FROM watched_addresses w
  LEFT JOIN (SELECT wallet, jsonb_object_agg(role, since_version) AS since FROM wallet_roles
              WHERE to_at IS NULL GROUP BY wallet) h USING (wallet)
