SELECT DISTINCT u.user_id FROM users u JOIN copy_trading_allocations a ON a.user_id = u.user_id AND a.state = 'active'
 WHERE u.unreachable_at < clock_timestamp() - make_interval(days => %(days)s)
 ORDER BY u.user_id LIMIT %(most)s
