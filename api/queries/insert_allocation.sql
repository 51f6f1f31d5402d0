WITH moment AS MATERIALIZED (SELECT clock_timestamp() AS at)
INSERT INTO copy_trading_allocations (allocation_id, user_id, account_id, leader, venue, state, version, role_version,
                                      settings, active_from, created_at, changed_at)
SELECT %(allocation_id)s, %(user_id)s, %(account_id)s, %(leader)s, %(venue)s, 'active', 1, %(role_version)s,
       %(settings)s, moment.at, moment.at, moment.at
  FROM moment
ON CONFLICT (allocation_id) DO NOTHING
