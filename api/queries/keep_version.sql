INSERT INTO allocation_history (allocation_id, version, state, settings, changed_by, changed_at)
SELECT allocation_id, version, state, settings, %(changed_by)s, changed_at
  FROM copy_trading_allocations
 WHERE allocation_id = %(allocation_id)s
