SELECT region, region_allowed, wallet_ready, permitted, closed_only, cash_usdc, withdrawal_possible, clock_ahead_seconds, answered_at
  FROM live_looks
 WHERE look_id = %(look_id)s
