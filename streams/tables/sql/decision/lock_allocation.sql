SELECT allocation_id, leader, user_id, account_id, venue, state, version, role_version, active_from, buys_from
FROM copy_trading_allocations
WHERE allocation_id = %(allocation_id)s
FOR NO KEY UPDATE;
