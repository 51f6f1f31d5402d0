UPDATE copy_trading_allocations
   SET settings = %(settings)s, version = version + 1, changed_at = clock_timestamp()
 WHERE allocation_id = %(allocation_id)s AND user_id = %(user_id)s
