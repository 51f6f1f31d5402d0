INSERT INTO lot_entries (lot_id, cause, ref, shares, cost_usdc, realised_usdc, fee_usdc)
SELECT r.lot_id, r.cause, r.ref, r.shares, r.cost_usdc, r.realised_usdc, r.fee_usdc
  FROM json_to_recordset(%(rows)s)
       AS r (lot_id bigint, cause text, ref text, shares numeric, cost_usdc numeric, realised_usdc numeric,
             fee_usdc numeric)
