SELECT w.wallet, w.version, w.label, w.win_rate, w.added_at, w.updated_at,
       ARRAY(SELECT r.role FROM wallet_roles r WHERE r.wallet = w.wallet AND r.to_at IS NULL ORDER BY r.role) AS roles
  FROM watched_addresses w
 WHERE (%(at)s::timestamptz IS NULL OR (w.added_at, w.wallet) < (%(at)s::timestamptz, %(id)s::text))
   AND (%(since)s::timestamptz IS NULL OR w.updated_at >= %(since)s::timestamptz)
   AND (%(role)s::text IS NULL OR EXISTS (
        SELECT FROM wallet_roles r WHERE r.wallet = w.wallet AND r.to_at IS NULL AND r.role = %(role)s::text))
 ORDER BY w.added_at DESC, w.wallet DESC
 LIMIT %(rows)s
