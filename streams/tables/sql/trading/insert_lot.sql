INSERT INTO lots (allocation_id, account_id, user_id, token_id, market_id, shares, cost_usdc, target_shares, adds,
                  realised_usdc, fees_usdc, applied_number, opened_traded_at, tick, fee_rate, neg_risk, exchange_version,
                  closed_at, closed_by)
SELECT r.allocation_id, r.account_id, r.user_id, r.token_id, r.market_id, r.shares, r.cost_usdc, r.target_shares, r.adds,
       r.realised_usdc, r.fees_usdc, r.applied_number, r.opened_traded_at, r.tick, r.fee_rate, r.neg_risk,
       r.exchange_version, CASE WHEN r.closed_by IS NOT NULL THEN clock_timestamp() END, r.closed_by
  FROM json_to_recordset(%(rows)s)
       AS r (allocation_id text, account_id text, user_id text, token_id text, market_id text, shares numeric,
             cost_usdc numeric, target_shares numeric, adds integer, realised_usdc numeric, fees_usdc numeric,
             applied_number bigint, opened_traded_at timestamptz, tick numeric, fee_rate numeric, neg_risk boolean,
             exchange_version smallint, closed_by text)
RETURNING lot_id, allocation_id, token_id
