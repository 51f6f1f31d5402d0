SELECT h.version, h.state, h.settings, h.changed_by, h.changed_at
  FROM allocation_history h
  JOIN copy_trading_allocations a USING (allocation_id)
 WHERE h.allocation_id = %(allocation_id)s AND a.user_id = %(user_id)s
 ORDER BY h.version DESC
