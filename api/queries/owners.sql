SELECT a.allocation_id, a.leader, w.label AS leader_label
  FROM copy_trading_allocations a
  LEFT JOIN watched_addresses w ON w.wallet = a.leader
 WHERE a.allocation_id = ANY (%(allocation_ids)s)
