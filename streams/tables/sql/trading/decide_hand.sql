UPDATE manual_orders
   SET state = %(state)s, reason = %(reason)s, cause = %(cause)s, reserve_usdc = %(reserve_usdc)s,
       decided_value = %(decided_value)s, decided_limit = %(decided_limit)s,
       decided_at = clock_timestamp(),
       ended_at = CASE WHEN %(state)s IN ('skipped', 'expired') THEN clock_timestamp() END
 WHERE manual_order_id = %(manual_order_id)s AND state = 'waiting'
