INSERT INTO copy_trading_allocations (allocation_id, user_id, account_id, leader, venue, state, version, role_version,
                                      settings, active_from, created_at, changed_at)
VALUES (%(allocation_id)s, %(user_id)s, %(account_id)s, %(leader)s, %(venue)s, 'active', 1, %(role_version)s,
        %(settings)s, clock_timestamp(), clock_timestamp(), clock_timestamp())
ON CONFLICT (allocation_id) DO NOTHING
