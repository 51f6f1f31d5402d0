SELECT allocation_id, leader, user_id, account_id, venue, state, version, role_version, active_from, buys_from
FROM copy_trading_allocations
WHERE leader = ANY(%(leaders)s::text[]) AND state <> 'ended'
ORDER BY allocation_id
FOR NO KEY UPDATE;
