SELECT a.allocation_id, a.user_id, a.account_id, a.leader, coalesce(n.label, w.label) AS leader_label, n.label, a.venue,
       a.state, a.version, a.settings, r.read_at IS NULL AS starting, greatest(a.active_from, r.read_at) AS known_from, a.buys_from,
       a.created_at, a.changed_at, a.ended_at
  FROM copy_trading_allocations a
  JOIN watched_addresses w ON w.wallet = a.leader
  LEFT JOIN leader_labels n ON n.user_id = a.user_id AND n.leader = a.leader
  LEFT JOIN LATERAL (
       SELECT min(read_at) AS read_at FROM role_reads
        WHERE wallet = a.leader AND version >= a.role_version) r ON true
 WHERE a.user_id = %(user_id)s
   AND (%(state)s::text IS NULL OR a.state = %(state)s::text)
   AND (%(leader)s::text IS NULL OR a.leader = %(leader)s::text)
   AND (%(at)s::timestamptz IS NULL OR (a.created_at, a.allocation_id) < (%(at)s::timestamptz, %(id)s::text))
 ORDER BY a.created_at DESC, a.allocation_id DESC
 LIMIT %(rows)s
