SELECT allocation_id FROM copy_trading_allocations WHERE user_id = %(user_id)s AND state = 'active' ORDER BY allocation_id
