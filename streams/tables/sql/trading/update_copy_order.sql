UPDATE copy_orders
   SET state = %(state)s, cause = %(cause)s, reason = COALESCE(%(reason)s, reason), reject_reason = %(reject_reason)s,
       attempts = %(attempts)s,
       next_attempt_at = clock_timestamp() + %(next_attempt_seconds)s * interval '1 second',
       filled_shares = %(filled_shares)s, filled_usdc = %(filled_usdc)s, fee_usdc = %(fee_usdc)s,
       realised_usdc = %(realised_usdc)s,
       ended_at = CASE WHEN %(ended)s THEN clock_timestamp() END
 WHERE copy_order_id = %(copy_order_id)s
