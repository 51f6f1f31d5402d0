SELECT a.allocation_id, a.user_id, a.account_id, a.leader, coalesce(n.label, w.label) AS leader_label, n.label, a.venue,
       a.state, a.version, a.settings, r.read_at IS NULL AS starting, greatest(a.active_from, r.read_at) AS known_from, a.buys_from,
       a.created_at, a.changed_at, a.ended_at
  FROM copy_trading_allocations a
  JOIN watched_addresses w ON w.wallet = a.leader
  LEFT JOIN leader_labels n ON n.user_id = a.user_id AND n.leader = a.leader
  LEFT JOIN LATERAL (
       SELECT min(read_at) AS read_at FROM role_reads
        WHERE wallet = a.leader AND version >= a.role_version) r ON true
 WHERE a.allocation_id = %(allocation_id)s AND a.user_id = %(user_id)s
