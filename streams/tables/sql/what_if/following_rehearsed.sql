SELECT a.allocation_id, a.leader, a.user_id, a.account_id, a.venue, a.state, a.version, a.role_version, a.active_from,
       a.buys_from, (SELECT array_agg(r.version) FROM role_reads r WHERE r.wallet = a.leader) AS versions,
       (SELECT array_agg(r.read_at) FROM role_reads r WHERE r.wallet = a.leader) AS read_at
  FROM copy_trading_allocations a
 WHERE a.allocation_id = %(allocation_id)s
