SELECT allocation_id, user_id
  FROM copy_trading_allocations
 WHERE leader = %(leader)s AND state <> 'ended'
 ORDER BY allocation_id
   FOR UPDATE
