SELECT w.wallet, w.version, w.label, w.win_rate, w.added_at, w.updated_at,
       ARRAY(SELECT r.role FROM wallet_roles r WHERE r.wallet = w.wallet AND r.to_at IS NULL ORDER BY r.role) AS roles
  FROM watched_addresses w
 WHERE w.wallet = %(wallet)s
