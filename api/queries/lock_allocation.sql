SELECT allocation_id, leader, venue, state, version, settings
  FROM copy_trading_allocations
 WHERE allocation_id = %(allocation_id)s AND user_id = %(user_id)s
   FOR UPDATE
