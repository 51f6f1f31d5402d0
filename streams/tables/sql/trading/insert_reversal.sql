INSERT INTO reversals (fill_id, order_hash, copy_order_id, exit_order_id, account_id, allocation_id, side, token_id, lot_id,
                       shares, cost_usdc, cash_usdc, fee_usdc, realised_usdc, shortfall_shares)
SELECT r.fill_id, r.order_hash, r.copy_order_id, r.exit_order_id, r.account_id, r.allocation_id, r.side, r.token_id, r.lot_id,
       r.shares, r.cost_usdc, r.cash_usdc, r.fee_usdc, r.realised_usdc, r.shortfall_shares
  FROM json_to_recordset(%(rows)s)
       AS r (fill_id text, order_hash text, copy_order_id text, exit_order_id text, account_id text, allocation_id text,
             side text, token_id text, lot_id bigint, shares numeric, cost_usdc numeric, cash_usdc numeric,
             fee_usdc numeric, realised_usdc numeric, shortfall_shares numeric)
