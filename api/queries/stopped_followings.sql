SELECT allocation_id FROM copy_trading_allocations
 WHERE user_id = %(user_id)s AND state = 'paused' AND stopped_at IS NOT NULL
 ORDER BY allocation_id
