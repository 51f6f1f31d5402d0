SELECT allocation_id FROM copy_trading_allocations WHERE user_id = %(user_id)s AND state <> 'ended' ORDER BY allocation_id
