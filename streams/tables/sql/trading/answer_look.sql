UPDATE live_looks
   SET answered_at = clock_timestamp(), region = %(region)s, region_allowed = %(region_allowed)s,
       wallet_ready = %(wallet_ready)s, permitted = %(permitted)s, closed_only = %(closed_only)s, cash_usdc = %(cash_usdc)s,
       withdrawal_possible = %(withdrawal_possible)s, clock_ahead_seconds = %(clock_ahead_seconds)s
 WHERE look_id = %(look_id)s
