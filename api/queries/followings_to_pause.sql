SELECT a.allocation_id FROM copy_trading_allocations a
 WHERE a.user_id = %(user_id)s AND a.state = 'active' AND a.venue = ANY(%(venues)s)
 ORDER BY a.allocation_id
