UPDATE copy_orders
SET state = %(state)s, reason = %(reason)s, cause = %(cause)s, allocation_version = %(version)s,
    follower = %(follower)s, market_id = %(market_id)s, reduced_by = %(reduced_by)s, amount_usdc = %(amount_usdc)s,
    shares = %(shares)s, limit_price = %(limit_price)s, reserve_usdc = %(reserve_usdc)s,
    carried_usdc = %(carried_usdc)s, taken_up = %(taken_up)s, deadline = %(deadline)s, decided_at = %(now)s,
    inputs = %(inputs)s, checks = %(checks)s,
    ended_at = CASE WHEN %(state)s IN ('skipped', 'expired') THEN %(now)s::timestamptz END,
    times = times || jsonb_build_object('waited_since', times -> 'decided', 'decided', %(decided)s::text)
WHERE copy_order_id = %(copy_order_id)s AND state = 'waiting';
