SELECT a.allocation_id, a.leader, coalesce(n.label, w.label) AS leader_label
  FROM copy_trading_allocations a
  LEFT JOIN watched_addresses w ON w.wallet = a.leader
  LEFT JOIN leader_labels n ON n.user_id = a.user_id AND n.leader = a.leader
 WHERE a.allocation_id = ANY (%(allocation_ids)s)
