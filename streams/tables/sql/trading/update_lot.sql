UPDATE lots l
   SET shares = r.shares, cost_usdc = r.cost_usdc, target_shares = r.target_shares, adds = r.adds,
       realised_usdc = r.realised_usdc, fees_usdc = r.fees_usdc, applied_number = r.applied_number,
       closed_at = CASE WHEN r.closed_by IS NOT NULL THEN clock_timestamp() END, closed_by = r.closed_by
  FROM json_to_recordset(%(rows)s)
       AS r (lot_id bigint, shares numeric, cost_usdc numeric, target_shares numeric, adds integer, realised_usdc numeric,
             fees_usdc numeric, applied_number bigint, closed_by text)
 WHERE l.lot_id = r.lot_id AND l.closed_at IS NULL
