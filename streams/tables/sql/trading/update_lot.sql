UPDATE lots
   SET shares = %(shares)s, cost_usdc = %(cost_usdc)s, target_shares = %(target_shares)s, adds = %(adds)s,
       realised_usdc = %(realised_usdc)s, fees_usdc = %(fees_usdc)s, applied_number = %(applied_number)s,
       closed_at = CASE WHEN %(closed_by)s::text IS NOT NULL THEN clock_timestamp() END, closed_by = %(closed_by)s
 WHERE lot_id = %(lot_id)s AND closed_at IS NULL
