COPY copy_orders (
    trade_id, leader, number, side, token_id, leader_order_hash, burst_started_at, traded_at, appended_at, decided_at,
    times, allocation_id, allocation_version, user_id, account_id, follower, venue, copy_order_id, market_id, state,
    reason, cause, reduced_by, amount_usdc, shares, limit_price, reserve_usdc, carried_usdc, taken_up, deadline,
    inputs, checks, ended_at
) FROM STDIN;
