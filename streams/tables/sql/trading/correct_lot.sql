-- A correction of a lot, closed or not, by what its reversal or external entry says.
UPDATE lots l
   SET shares = r.shares, cost_usdc = r.cost_usdc, target_shares = r.target_shares, realised_usdc = r.realised_usdc,
       fees_usdc = r.fees_usdc, closed_at = COALESCE(l.closed_at, CASE WHEN r.closed_by IS NOT NULL THEN clock_timestamp() END),
       closed_by = COALESCE(l.closed_by, r.closed_by)
  FROM json_to_recordset(%(rows)s)
       AS r (lot_id bigint, shares numeric, cost_usdc numeric, target_shares numeric, realised_usdc numeric,
             fees_usdc numeric, closed_by text)
 WHERE l.lot_id = r.lot_id
