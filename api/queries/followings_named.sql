SELECT count(*) AS known FROM copy_trading_allocations
 WHERE user_id = %(user_id)s AND allocation_id = ANY (%(allocation_ids)s)
