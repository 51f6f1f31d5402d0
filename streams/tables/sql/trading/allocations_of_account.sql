SELECT allocation_id FROM copy_trading_allocations WHERE account_id = %(account_id)s ORDER BY allocation_id
