SELECT count(*) AS ended, min(allocation_id) FILTER (WHERE state <> 'ended') AS living
  FROM copy_trading_allocations
 WHERE user_id = %(user_id)s AND leader = %(leader)s AND venue = %(venue)s
