UPDATE users SET unreachable_at = coalesce(unreachable_at, clock_timestamp())
 WHERE user_id = %(user_id)s
RETURNING unreachable_at
